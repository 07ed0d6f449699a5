/** The one place that knows msgpackr: packing arrays, and unpacking only what `scan` let through. */
import { Packr, Unpackr } from 'msgpackr';
import { MAX_PAYLOAD_BYTES, MAX_VALUES } from './limits';
import { scan } from './scan';
import { type Bad, ShapeError } from './shape';

const OPTIONS = { useRecords: false, mapsAsObjects: true, structuredClone: false, int64AsType: 'number' } as const;
const packr = new Packr(OPTIONS);
/** Binaries are copied: a view would keep the whole receive buffer alive as long as the value is kept. */
const unpackr = new Unpackr({ ...OPTIONS, copyBuffers: true });

/** How much foreign bytes may be and hold. */
export interface PayloadBounds {
  readonly bytes: number;
  readonly values: number;
}

const WIDEST: PayloadBounds = { bytes: MAX_PAYLOAD_BYTES, values: MAX_VALUES };

/** What was packed may be sent as it is, and must not be changed. */
export function pack(value: readonly unknown[]): Buffer {
  return packr.pack(value);
}

/**
 * Unpacks and reads one array. Never throws: what is not well-formed, or not of the shape that `read` wants, is Bad.
 * @param read takes the array apart, with the checks of shape.ts
 */
export function unpack<Result>(
  bytes: Uint8Array,
  read: (fields: readonly unknown[]) => Result,
  bounds: PayloadBounds = WIDEST,
): Result | Bad {
  if (bytes.length > bounds.bytes) return { bad: `${bytes.length} bytes, more than ${bounds.bytes}` };
  const refusal = scan(bytes, bounds.values);
  if (refusal !== '') return { bad: refusal };
  try {
    const value: unknown = unpackr.unpack(bytes);
    return Array.isArray(value) ? read(value) : { bad: 'not an array' };
  } catch (error) {
    // Whatever a decoder throws on foreign bytes is their fault, not ours.
    return { bad: error instanceof ShapeError ? error.message : 'undecodable' };
  }
}
