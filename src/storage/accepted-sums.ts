/** What all accepted values in a store together are, kept up to date as they are written and cut off. */
import { checksumOf, type Sums } from './records';

export class AcceptedSums {
  /** The checksum of each round's record: what is taken out of the sums when the record is written again. */
  private readonly checksums = new Map<number, number>();
  private xor = 0;

  get sums(): Sums {
    return { count: this.checksums.size, xor: this.xor };
  }

  add(round: number, bytes: Buffer): void {
    const checksum = checksumOf(bytes);
    this.xor = (this.xor ^ checksum ^ (this.checksums.get(round) ?? 0)) >>> 0;
    this.checksums.set(round, checksum);
  }

  /** Takes out the rounds below. @returns which there were */
  cut(below: number): readonly number[] {
    const rounds = [...this.checksums.keys()].filter((round) => round < below);
    for (const round of rounds) {
      this.xor = (this.xor ^ (this.checksums.get(round) ?? 0)) >>> 0;
      this.checksums.delete(round);
    }
    return rounds;
  }
}
