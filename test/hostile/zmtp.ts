/** ZMTP as bytes (https://rfc.zeromq.org/spec/37): what a peer says that does not use libzmq, and need not behave. */

export const MORE = 1;
export const LONG = 2;
export const COMMAND = 4;
const SHORT_BYTES = 255;

export interface Greeting {
  readonly major?: number;
  readonly minor?: number;
  readonly mechanism?: string;
  readonly asServer?: boolean;
}

/** The 64 bytes with which a peer of ZMTP 3 begins. */
export function greeting({ major = 3, minor = 1, mechanism = 'NULL', asServer = false }: Greeting = {}): Buffer {
  const bytes = Buffer.alloc(64);
  bytes[0] = 0xff;
  bytes[9] = 0x7f;
  bytes[10] = major;
  bytes[11] = minor;
  bytes.write(mechanism, 12, 20, 'latin1');
  bytes[32] = asServer ? 1 : 0;
  return bytes;
}

/** A frame without its head. */
export interface Frame {
  readonly flags: number;
  readonly body: Buffer;
}

/** A frame with its head. */
export function frame(body: Uint8Array, flags = 0): Buffer {
  if (body.length > SHORT_BYTES) return Buffer.concat([headOf(BigInt(body.length), flags), body]);
  return Buffer.concat([Buffer.of(flags, body.length), body]);
}

/** The head of a long frame that says it has so many bytes. */
export function headOf(bytes: bigint, flags = 0): Buffer {
  const head = Buffer.alloc(9);
  head[0] = flags | LONG;
  head.writeBigUInt64BE(bytes, 1);
  return head;
}

export function command(name: string, body: Uint8Array = Buffer.alloc(0)): Buffer {
  return frame(Buffer.concat([Buffer.of(name.length), Buffer.from(name, 'latin1'), body]), COMMAND);
}

/** Properties as READY and INITIATE carry them. */
export function metadata(properties: Readonly<Record<string, Uint8Array | string>>): Buffer {
  const parts = Object.entries(properties).flatMap(([name, value]) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.from(value).length);
    return [Buffer.of(name.length), Buffer.from(name, 'latin1'), length, Buffer.from(value)];
  });
  return Buffer.concat(parts);
}

/** Takes a stream of bytes apart into frames. */
export class FrameReader {
  private bytes = Buffer.alloc(0);

  /** @returns the frames that are complete by now, without their heads */
  push(chunk: Buffer): readonly Frame[] {
    this.bytes = Buffer.concat([this.bytes, chunk]);
    const frames = [];
    for (;;) {
      const flags = this.bytes[0];
      if (flags === undefined) return frames;
      const long = (flags & LONG) !== 0;
      const head = long ? 9 : 2;
      if (this.bytes.length < head) return frames;
      const size = long ? Number(this.bytes.readBigUInt64BE(1)) : (this.bytes[1] ?? 0);
      if (this.bytes.length < head + size) return frames;
      frames.push({ flags, body: this.bytes.subarray(head, head + size) });
      this.bytes = this.bytes.subarray(head + size);
    }
  }
}
