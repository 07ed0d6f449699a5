/** A digest to compare states by: 64 bits, quick, the same on every machine. Not cryptographic. */

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

  bytes(value: Uint8Array): this {
    const { length } = value;
    this.word(length);
    // Four bytes in one step: what was said is most of what goes into a digest.
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      const low = (value[at] as number) | ((value[at + 1] as number) << 8);
      const high = (value[at + 2] as number) | ((value[at + 3] as number) << 8);
      this.word(low | (high << 16));
    }
    for (; at < length; at += 1) this.word(value[at] as number);
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
