/** Reading and writing of hand-laid binary: big-endian numbers, short strings with their length before them. */

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Writes into a buffer that grows as needed. */
export class ByteWriter {
  private bytes = new Uint8Array(32);
  private view = new DataView(this.bytes.buffer);
  private length = 0;

  u8(value: number): this {
    this.reserve(1);
    this.bytes[this.length] = value;
    this.length += 1;
    return this;
  }

  u16(value: number): this {
    this.reserve(2);
    this.view.setUint16(this.length, value);
    this.length += 2;
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    this.view.setUint32(this.length, value);
    this.length += 4;
    return this;
  }

  /** A string of at most 255 bytes in UTF-8; a longer one is cut. */
  text(value: string): this {
    const encoded = encoder.encode(value).subarray(0, 255);
    this.u8(encoded.length);
    this.reserve(encoded.length);
    this.bytes.set(encoded, this.length);
    this.length += encoded.length;
    return this;
  }

  done(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }
}

/**
 * Reads what a ByteWriter wrote. Reading past the end, or text that is not UTF-8, makes the reader `failed` and gives
 * zeros from there on: check once at the end, with `finished`.
 */
export class ByteReader {
  private offset = 0;
  private failed = false;
  private readonly view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(): number {
    return this.has(1) ? this.view.getUint8(this.advance(1)) : 0;
  }

  u16(): number {
    return this.has(2) ? this.view.getUint16(this.advance(2)) : 0;
  }

  u32(): number {
    return this.has(4) ? this.view.getUint32(this.advance(4)) : 0;
  }

  text(): string {
    const length = this.u8();
    if (!this.has(length)) return '';
    const start = this.advance(length);
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
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

  /** Everything was read, nothing was missing. */
  get finished(): boolean {
    return !this.failed && this.offset === this.bytes.length;
  }

  private has(count: number): boolean {
    if (this.failed || this.offset + count > this.bytes.length) this.failed = true;
    return !this.failed;
  }

  private advance(count: number): number {
    const at = this.offset;
    this.offset += count;
    return at;
  }
}
