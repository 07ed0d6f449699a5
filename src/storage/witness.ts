/**
 * The number of the last numbered batch that was written, in a file beside the store. LevelDB drops what it cannot read
 * at the end of its log without a word, because a crash may have torn a batch that nobody was told of; this file tells the
 * two apart. A store that ends before the batch named here has lost something that was acknowledged.
 *
 *   file    'w' is the key that the checksum covers; content: format u8 · batch u48 · CRC-32
 *
 * It is overwritten in place, within one sector, after the batch is durable and before anyone hears of it. It is not
 * synced each time: a killed process loses nothing of it. After a loss of power it may lag behind, never lead.
 */
import { closeSync, constants, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { decodeWitness, encodeWitness, WITNESS_BYTES } from './records';

export class Witness {
  private constructor(
    private readonly file: number,
    /** The last batch that was written, as far as the file knew when it was opened; undefined: it is damaged. */
    readonly batch: number | undefined,
  ) {}

  /** Makes the file of a new store. @throws the system's error */
  static create(path: string): Witness {
    const file = openSync(path, 'w+', 0o600);
    const witness = new Witness(file, 0);
    witness.note(0);
    fsyncSync(file);
    return witness;
  }

  /** Opens the file of a store. @throws the system's error, ENOENT when it is not there */
  static open(path: string): Witness {
    const file = openSync(path, constants.O_RDWR);
    // One byte more than it should have: a longer file is not ours.
    const bytes = Buffer.alloc(WITNESS_BYTES + 1);
    const length = readSync(file, bytes, 0, bytes.length, 0);
    return new Witness(file, decodeWitness(bytes.subarray(0, length)));
  }

  /** Notes that a batch is durable. Synchronous: 3 µs, less than a trip to another thread. @throws the system's error */
  note(batch: number): void {
    writeSync(this.file, encodeWitness(batch), 0, WITNESS_BYTES, 0);
  }

  close(): void {
    fsyncSync(this.file);
    closeSync(this.file);
  }
}
