/** As much of Protocol Buffers, and of gRPC's frames around them, as etcd's puts and watches need. */

/** Of a message: bytes, or the number of a varint. */
export type Field = readonly [number: number, value: Buffer | bigint];

const VARINT = 0;
const BYTES = 2;
const FRAME_HEAD_BYTES = 5;

/** A message of fields that are bytes: strings, or messages in turn. */
export function encode(fields: readonly (readonly [number: number, bytes: Buffer])[]): Buffer {
  return Buffer.concat(fields.flatMap(([number, bytes]) => [varint(8 * number + BYTES), varint(bytes.length), bytes]));
}

/** A message's fields, as they come. @throws RangeError when it is cut short, Error when it has what etcd's have not */
export function* decode(message: Buffer): Generator<Field> {
  let at = 0;
  const next = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = Number(next());
    const value = next();
    if (tag % 8 === VARINT) yield [tag >> 3, value];
    else if (tag % 8 === BYTES) {
      const end = at + Number(value);
      yield [tag >> 3, message.subarray(at, end)];
      at = end;
    } else throw new Error(`a field of wire type ${tag % 8}`);
  }
}

/** A message as gRPC sends it. */
export function frame(message: Buffer): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Cuts a stream of bytes into messages. */
export class Unframer {
  private rest: Buffer = Buffer.alloc(0);

  /** What is complete with these bytes. */
  push(bytes: Buffer): readonly Buffer[] {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    const messages: Buffer[] = [];
    while (this.rest.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.rest.readUInt32BE(1);
      if (this.rest.length < end) break;
      messages.push(this.rest.subarray(FRAME_HEAD_BYTES, end));
      this.rest = this.rest.subarray(end);
    }
    return messages;
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}
