/**
 * Texts that were said one after the other, as they came: their UTF-8 side by side, from the client to the disk and to
 * whoever reads them. Strings are made of them only where somebody looks at one.
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const TAB = 0x09;
const LINE_BREAK = 0x0a;
const SPACE = 0x20;
const TILDE = 0x7e;
/** The highest bit of each of four bytes; and other bytes four times. */
const HIGHEST = 0x80808080;
const SPACES = 0x20202020;
const ONES = 0x01010101;

/** At least one. Never changes. */
export class Texts {
  /**
   * @param bytes of all of them; each by itself is UTF-8
   * @param ends where each of them ends in the bytes, ascending; the last one where they end
   */
  constructor(
    readonly bytes: Uint8Array,
    private readonly ends: readonly number[],
  ) {}

  /** What is no Unicode in them (halves of pairs) becomes U+FFFD. */
  static of(texts: readonly string[]): Texts {
    const whole = texts.join('');
    const bytes = ENCODER.encode(whole);
    // In ASCII, as most of them, a unit is a byte.
    if (bytes.length !== whole.length) {
      return Texts.sideBySide(texts.map((text) => one(ENCODER.encode(text))));
    }
    let end = 0;
    return new Texts(
      bytes,
      texts.map((text) => {
        end += text.length;
        return end;
      }),
    );
  }

  static sideBySide(all: readonly Texts[]): Texts {
    const bytes = new Uint8Array(all.reduce((sum, texts) => sum + texts.bytes.length, 0));
    const ends: number[] = [];
    let at = 0;
    for (const texts of all) {
      bytes.set(texts.bytes, at);
      for (const end of texts.ends) ends.push(at + end);
      at += texts.bytes.length;
    }
    return new Texts(bytes, ends);
  }

  get count(): number {
    return this.ends.length;
  }

  /** Bytes of that one. */
  lengthOf(index: number): number {
    return (this.ends[index] as number) - this.startOf(index);
  }

  at(index: number): string {
    return DECODER.decode(this.bytes.subarray(this.startOf(index), this.ends[index]));
  }

  /** All of them, which takes less than one by one. */
  toStrings(): readonly string[] {
    const { bytes, ends } = this;
    const whole = DECODER.decode(bytes);
    if (ends.length === 1) return [whole];
    // In ASCII, as most of them, a byte is a unit.
    if (whole.length !== bytes.length) return ends.map((_, index) => this.at(index));
    let start = 0;
    return ends.map((end) => {
      const text = whole.slice(start, end);
      start = end;
      return text;
    });
  }

  /** Some of them. A copy: a view would keep all the others in memory as long as it is kept itself. */
  slice(from: number, to: number): Texts {
    if (from === 0 && to === this.count) return this;
    const start = this.startOf(from);
    const bytes = new Uint8Array(this.bytes.subarray(start, this.ends[to - 1]));
    return new Texts(
      bytes,
      this.ends.slice(from, to).map((end) => end - start),
    );
  }

  /** Each has something to see and no more bytes than that, in printable ASCII, tabs and line breaks: nothing is wrong with them. */
  arePlain(mostBytes: number): boolean {
    for (let index = 0; index < this.count; index += 1) {
      if (this.lengthOf(index) > mostBytes || this.isBlank(index)) return false;
    }
    return isPrintable(this.bytes);
  }

  private isBlank(index: number): boolean {
    const end = this.ends[index] as number;
    for (let at = this.startOf(index); at < end; at += 1) if ((this.bytes[at] as number) > SPACE) return false;
    return true;
  }

  private startOf(index: number): number {
    return index === 0 ? 0 : (this.ends[index - 1] as number);
  }
}

function one(bytes: Uint8Array): Texts {
  return new Texts(bytes, [bytes.length]);
}

/** Four bytes at a look: what is below the space, above the tilde or no ASCII carries into the highest bit. */
function isPrintable(bytes: Uint8Array): boolean {
  const { length } = bytes;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const low = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    const four = low | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
    if (((four | (four - SPACES) | (four + ONES)) & HIGHEST) === 0) continue;
    for (let one = at; one < at + 4; one += 1) if (!isPrintableByte(bytes[one] as number)) return false;
  }
  for (; at < length; at += 1) if (!isPrintableByte(bytes[at] as number)) return false;
  return true;
}

function isPrintableByte(byte: number): boolean {
  return (byte >= SPACE && byte <= TILDE) || byte === TAB || byte === LINE_BREAK;
}
