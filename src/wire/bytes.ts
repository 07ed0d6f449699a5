/** Reading and writing of hand-laid binary: big-endian numbers, short strings with their length before them. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of one string, at most: its length is one byte. */
const MAX_TEXT_BYTES = 255;
const U32 = 2 ** 32;

/** The four bytes at an offset as a number. Only where they are there. */
export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Puts a number below 2^32 into the four bytes at an offset. */
export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes one frame, which must fit in its bytes: for the small ones that are not sent by the thousand. */
export class ByteWriter {
  private readonly bytes: Uint8Array;
  private length = 0;

  constructor(mostBytes = 1024) {
    this.bytes = new Uint8Array(mostBytes);
  }

  u8(value: number): this {
    this.bytes[this.advance(1)] = value;
    return this;
  }

  u16(value: number): this {
    const at = this.advance(2);
    this.bytes[at] = value >>> 8;
    this.bytes[at + 1] = value;
    return this;
  }

  u32(value: number): this {
    writeU32(this.bytes, this.advance(4), value);
    return this;
  }

  /** A whole number that a double holds exactly. */
  u53(value: number): this {
    return this.u32(Math.floor(value / U32)).u32(value % U32);
  }

  /** A string of at most 255 bytes in UTF-8; of a longer one as many whole characters as fit. */
  text(value: string): this {
    const at = this.advance(1);
    const { written } = encoder.encodeInto(value, this.bytes.subarray(this.length, this.length + MAX_TEXT_BYTES));
    this.bytes[at] = written;
    this.advance(written);
    return this;
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private advance(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) throw new RangeError(`a frame of more than ${this.bytes.length} bytes`);
    return at;
  }
}

/**
 * Reads what a ByteWriter wrote. Reading past the end, or text that is not UTF-8, makes the reader fail and gives
 * zeros from there on: check once at the end, with `finished`.
 */
export class ByteReader {
  private offset = 0;
  private failed = false;

  constructor(private readonly bytes: Uint8Array) {}

  u8(): number {
    const at = this.advance(1);
    return this.failed ? 0 : (this.bytes[at] as number);
  }

  u16(): number {
    const at = this.advance(2);
    return this.failed ? 0 : ((this.bytes[at] as number) << 8) | (this.bytes[at + 1] as number);
  }

  u32(): number {
    const at = this.advance(4);
    return this.failed ? 0 : readU32(this.bytes, at);
  }

  u53(): number {
    const value = this.u32() * U32 + this.u32();
    if (!Number.isSafeInteger(value)) this.failed = true;
    return this.failed ? 0 : value;
  }

  /** A string of at most so many bytes. */
  text(mostBytes = MAX_TEXT_BYTES): string {
    const length = this.u8();
    const at = this.advance(length);
    if (length > mostBytes) this.failed = true;
    if (this.failed) return '';
    try {
      return decoder.decode(this.bytes.subarray(at, at + length));
    } catch {
      this.failed = true;
      return '';
    }
  }

  /** One of a list, by its number. */
  oneOf<Item>(items: readonly Item[]): Item {
    const item = items[this.u8()];
    if (item === undefined) this.failed = true;
    return item as Item;
  }

  /** Everything was read, nothing was missing or wrong. */
  get finished(): boolean {
    return !this.failed && this.offset === this.bytes.length;
  }

  private advance(count: number): number {
    const at = this.offset;
    this.offset += count;
    if (this.offset > this.bytes.length) this.failed = true;
    return at;
  }
}
