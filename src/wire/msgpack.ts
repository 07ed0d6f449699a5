/** The one place that knows msgpackr: packing arrays, and unpacking only what `scan` let through. */
import { Packr, Unpackr } from 'msgpackr';
import { MAX_PAYLOAD_BYTES } from './limits';
import { scan } from './scan';
import { type Bad, ShapeError } from './shape';

const OPTIONS = { useRecords: false, mapsAsObjects: true, structuredClone: false, int64AsType: 'number' } as const;
const packr = new Packr(OPTIONS);
/** Binaries are copied: a view would keep the whole receive buffer alive as long as the value is kept. */
const copying = new Unpackr({ ...OPTIONS, copyBuffers: true });
/** Binaries are views: for what is decoded further at once and not kept. */
const viewing = new Unpackr(OPTIONS);

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
  binaries: 'copied' | 'views' = 'copied',
): Result | Bad {
  if (bytes.length > MAX_PAYLOAD_BYTES) return { bad: `${bytes.length} bytes, more than ${MAX_PAYLOAD_BYTES}` };
  const refusal = scan(bytes);
  if (refusal !== '') return { bad: refusal };
  try {
    const value: unknown = (binaries === 'copied' ? copying : viewing).unpack(bytes);
    if (!Array.isArray(value)) return { bad: 'not an array' };
    return read(value);
  } catch (error) {
    if (error instanceof ShapeError) return { bad: error.message };
    // Whatever a decoder throws on foreign bytes is their fault, not ours.
    return { bad: 'undecodable' };
  }
}
