/** Messages that a socket did not pass on: told to whoever made the transport, who counts and logs them. */
import type { Frames } from './transport';

/**
 * - `too-large`: more bytes than `limits.maxMessageBytes`
 * - `malformed`: not as many frames as this kind of socket carries
 * - `backlog`: the link is full, and so is the queue in front of it
 */
export type DropReason = 'too-large' | 'malformed' | 'backlog';

export interface Drop {
  /** The address of the socket. */
  readonly address: string;
  readonly direction: 'sent' | 'received';
  readonly reason: DropReason;
  readonly bytes: number;
}

export type OnDrop = (drop: Drop) => void;

/** Bytes of all frames together. */
export function sizeOf(frames: Frames): number {
  let bytes = 0;
  for (const frame of frames) bytes += frame.byteLength;
  return bytes;
}

/** The check that every message passes on its way in and out of one socket. */
export class SizeGuard {
  constructor(
    private readonly address: string,
    private readonly maxBytes: number,
    private readonly onDrop: OnDrop,
  ) {}

  /**
   * Whether a message may leave. A larger one would make the peer close the connection, lose what is queued behind it,
   * and tell nobody.
   */
  maySend(frames: Frames): boolean {
    return this.passes(frames, 'sent');
  }

  /** Whether a message may be handed over. ZeroMQ itself bounds each frame, not a message of many. */
  mayReceive(frames: Frames): boolean {
    return this.passes(frames, 'received');
  }

  drop(frames: Frames, direction: Drop['direction'], reason: DropReason): void {
    this.onDrop({ address: this.address, direction, reason, bytes: sizeOf(frames) });
  }

  private passes(frames: Frames, direction: Drop['direction']): boolean {
    if (sizeOf(frames) <= this.maxBytes) return true;
    this.drop(frames, direction, 'too-large');
    return false;
  }
}
