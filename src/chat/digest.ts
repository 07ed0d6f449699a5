/** A digest to compare states by: 64 bits, quick, the same on every machine. Not cryptographic. */
import { utf8Of } from './text';

/** Two independent 32-bit states (FNV-1a with different offsets and multipliers), fed with numbers and texts. */
export class Digest {
  private a = 0x811c9dc5;
  private b = 0x9e3779b9;

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

  /** A text that was said, which is most of what there is: four bytes of its UTF-8 in one step. */
  line(value: string): this {
    const utf8 = utf8Of(value);
    const { length } = utf8;
    this.word(length);
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const low = (utf8[at] as number) | ((utf8[at + 1] as number) << 8);
      const high = (utf8[at + 2] as number) | ((utf8[at + 3] as number) << 8);
      this.word(low | (high << 16));
    }
    for (; at < length; at += 1) this.word(utf8[at] as number);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.word(value.length);
    for (let index = 0; index < value.length; index += 1) this.word(value[index] as number);
    return this;
  }

  /** 16 hexadecimal digits. */
  hex(): string {
    return hex(this.a) + hex(this.b);
  }

  private word(word: number): void {
    this.a = Math.imul(this.a ^ word, 0x01000193);
    this.b = Math.imul(this.b ^ word, 0x85ebca6b);
    this.b ^= this.b >>> 13;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
