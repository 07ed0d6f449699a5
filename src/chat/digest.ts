/** A digest to compare states by: 64 bits, quick, the same on every machine. Not cryptographic. */

/** What a digest has come to. */
export interface DigestState {
  readonly a: number;
  readonly b: number;
}

const FIRST: DigestState = { a: 0x811c9dc5, b: 0x9e3779b9 };

/** Two independent 32-bit states (FNV-1a with different offsets and multipliers), fed with numbers and texts. */
export class Digest {
  private a: number;
  private b: number;

  /** @param from what another one had come to: this one goes on from there */
  constructor(from = FIRST) {
    this.a = from.a;
    this.b = from.b;
  }

  /** To go on from. Both are whole numbers of 32 bits, signed. */
  state(): DigestState {
    return { a: this.a | 0, b: this.b | 0 };
  }

  /** The lower 32 bits of a whole number. */
  word(word: number): this {
    this.a = Math.imul(this.a ^ word, 0x01000193);
    this.b = Math.imul(this.b ^ word, 0x85ebca6b);
    this.b ^= this.b >>> 13;
    return this;
  }

  number(value: number): this {
    this.word(value >>> 0);
    this.word(Math.floor(value / 4294967296) >>> 0);
    return this;
  }

  text(value: string): this {
    this.word(value.length);
    // Two units in one step: texts are most of what goes into a digest.
    const even = value.length & ~1;
    for (let index = 0; index < even; index += 2) {
      this.word(value.charCodeAt(index) | (value.charCodeAt(index + 1) << 16));
    }
    if (even < value.length) this.word(value.charCodeAt(even));
    return this;
  }

  /** @param from the first of the bytes, all of them unless that is given @param end the one after the last */
  bytes(value: Uint8Array, from = 0, end = value.length): this {
    this.word(end - from);
    // Four bytes in one step: what was said is most of what goes into a digest.
    let at = from;
    for (; at + 4 <= end; at += 4) {
      const low = (value[at] as number) | ((value[at + 1] as number) << 8);
      const high = (value[at + 2] as number) | ((value[at + 3] as number) << 8);
      this.word(low | (high << 16));
    }
    for (; at < end; at += 1) this.word(value[at] as number);
    return this;
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return hex(this.a) + hex(this.b);
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
