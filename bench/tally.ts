/** Which posts there are, as so few bytes as two numbers have: equal when the same posts were counted, in any order. */

export interface TallySum {
  readonly count: number;
  /** Of where in the log each of them is. */
  readonly digest: string;
}

export class Tally {
  private count = 0;
  private low = 0;
  private high = 0;

  /** @param seq of the post in its session @param position in the log */
  add(seq: number, position: number): void {
    this.count += 1;
    const low = mixed(Math.imul(seq, 0x9e3779b1) ^ position);
    this.low = (this.low + low) >>> 0;
    this.high = (this.high + mixed(Math.imul(position, 0x85ebca6b) ^ low)) >>> 0;
  }

  get sum(): TallySum {
    return { count: this.count, digest: `${this.high.toString(16)}-${this.low.toString(16)}` };
  }
}

/** Each bit of the result depends on each bit of the number (the finaliser of MurmurHash3). */
function mixed(number: number): number {
  let bits = number ^ (number >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
