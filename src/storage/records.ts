/**
 * The records of a store, byte by byte. Each carries a checksum over its key and its content, so that what is read is
 * what was written, under the key it was written.
 *
 *   identity  'i'              → JSON: format, cluster, server
 *   state     's'              → JSON: format, batch, state, first, sums
 *   accepted  'r' + round u64  → format u8 · ballot counter u48 · ballot server u16 · value
 *   record    'x' + its key    → its value: what the state machine keeps here, opaque
 *
 * and behind each content a CRC-32, u32. Numbers are big-endian.
 */
import { crc32 } from 'node:zlib';
import type { HardState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';

/** Raised when the layout of a record changes, or of the values in the log. */
export const FORMAT = 8;

export const IDENTITY_KEY = Buffer.from('i');
export const STATE_KEY = Buffer.from('s');
/** Bounds of the accepted values' keys. */
export const FIRST_ROUND_KEY = Buffer.from('r');
export const AFTER_LAST_ROUND_KEY = Buffer.from('s');

/** What the keys of the state machine's records begin with. All other keys are below. */
export const FIRST_RECORD_KEY = Buffer.from('x');

const ROUND_KEY_BYTES = 1 + 8;
const HEAD_BYTES = 1 + 6 + 2;
const CRC_BYTES = 4;
const WITNESS_KEY = Buffer.from('w');
/** The size of the witness (witness.ts). */
export const WITNESS_BYTES = 1 + 6 + CRC_BYTES;
const STANDINGS: readonly unknown[] = ['new', 'recovering', 'voter'];

/**
 * What all accepted values together are: how many, and the exclusive or of their checksums. Written with every numbered
 * batch: one that got lost between two others shows.
 */
export interface Sums {
  readonly count: number;
  readonly xor: number;
}

/** What every numbered batch writes: the state as it is then, and what the store holds together with it. */
export interface StateRecord {
  /** The number of the batch: 1, 2, 3, … */
  readonly batch: number;
  readonly state: HardState;
  /** The lowest round that was not cut off. */
  readonly first: number;
  readonly sums: Sums;
}

export function roundKey(round: number): Buffer {
  const key = Buffer.alloc(ROUND_KEY_BYTES);
  key.write('r');
  key.writeBigUInt64BE(BigInt(round), 1);
  return key;
}

export function encodeAccepted(key: Buffer, { ballot, value }: AcceptedValue): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + value.length + CRC_BYTES);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUIntBE(ballot.counter, 1, 6);
  bytes.writeUInt16BE(ballot.server, 7);
  bytes.set(value, HEAD_BYTES);
  return seal(key, bytes);
}

/** @returns undefined when the bytes are not what was written under this key */
export function decodeAccepted(key: Buffer, bytes: Buffer): AcceptedValue | undefined {
  const content = unseal(key, bytes);
  if (!content || key.length !== ROUND_KEY_BYTES) return undefined;
  if (content.length < HEAD_BYTES || content.readUInt8(0) !== FORMAT) return undefined;
  return {
    round: Number(key.readBigUInt64BE(1)),
    ballot: { counter: content.readUIntBE(1, 6), server: content.readUInt16BE(7) },
    value: new Uint8Array(content.subarray(HEAD_BYTES)),
  };
}

/** Where a record of the state machine lies. */
export function recordKey(key: Uint8Array): Buffer {
  return Buffer.concat([FIRST_RECORD_KEY, key]);
}

/** What the state machine calls the record that lies there. */
export function nameOf(key: Buffer): Uint8Array {
  return key.subarray(FIRST_RECORD_KEY.length);
}

export function encodeRecord(key: Buffer, value: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(value.length + CRC_BYTES);
  bytes.set(value);
  return seal(key, bytes);
}

/** @returns undefined when the bytes are not what was written under this key */
export function decodeRecord(key: Buffer, bytes: Buffer): Uint8Array | undefined {
  return unseal(key, bytes);
}

/** The checksum that `encodeAccepted` put behind a record: what the sums are made of. */
export function checksumOf(bytes: Buffer): number {
  return bytes.readUInt32BE(bytes.length - CRC_BYTES);
}

export function encodeJson(key: Buffer, value: object): Buffer {
  const text = JSON.stringify({ format: FORMAT, ...value });
  const length = Buffer.byteLength(text);
  const bytes = Buffer.allocUnsafe(length + CRC_BYTES);
  bytes.write(text);
  return seal(key, bytes);
}

/** @returns undefined when the bytes are not what was written under this key */
export function decodeJson(key: Buffer, bytes: Buffer): Record<string, unknown> | undefined {
  const content = unseal(key, bytes);
  if (!content) return undefined;
  const value = JSON.parse(content.toString()) as Record<string, unknown>;
  return value.format === FORMAT ? value : undefined;
}

/** @returns undefined when the bytes are not a state record */
export function decodeState(bytes: Buffer): StateRecord | undefined {
  const record = decodeJson(STATE_KEY, bytes) as unknown as StateRecord | undefined;
  return record && STANDINGS.includes(record.state?.standing) && Number.isSafeInteger(record.first)
    ? record
    : undefined;
}

export function encodeWitness(batch: number): Buffer {
  const bytes = Buffer.allocUnsafe(WITNESS_BYTES);
  bytes.writeUInt8(FORMAT, 0);
  bytes.writeUIntBE(batch, 1, 6);
  return seal(WITNESS_KEY, bytes);
}

/** @returns undefined when the bytes are not what was written */
export function decodeWitness(bytes: Buffer): number | undefined {
  const content = bytes.length === WITNESS_BYTES ? unseal(WITNESS_KEY, bytes) : undefined;
  return content?.readUInt8(0) === FORMAT ? content.readUIntBE(1, 6) : undefined;
}

function seal(key: Buffer, bytes: Buffer): Buffer {
  const end = bytes.length - CRC_BYTES;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end), crc32(key)), end);
  return bytes;
}

function unseal(key: Buffer, bytes: Buffer): Buffer | undefined {
  const end = bytes.length - CRC_BYTES;
  if (end < 0 || bytes.readUInt32BE(end) !== crc32(bytes.subarray(0, end), crc32(key))) return undefined;
  return bytes.subarray(0, end);
}
