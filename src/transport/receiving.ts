/** The one reader of a socket: hands over what arrives until the socket is closed. */
import type { Frames } from './transport';

/** Just what a reader needs of a socket. */
export interface Source {
  readonly closed: boolean;
  receive(): Promise<readonly Uint8Array[]>;
}

/** Frames of one message, at most: routing id, route, payload, and room for a delimiter. */
const MAX_FRAMES = 8;

/**
 * Reads until the socket is closed; while the handler gives a promise, not before that resolves. An error of the handler is not caught here: it is a broken invariant of ours, and
 * ends the process. A message of absurdly many frames is dropped.
 */
export async function receiveAll(socket: Source, onMessage: (frames: Frames) => void | Promise<void>): Promise<void> {
  while (!socket.closed) {
    let frames: Frames;
    try {
      frames = await socket.receive();
    } catch (error) {
      if (socket.closed) return;
      throw error;
    }
    if (frames.length > MAX_FRAMES) continue;
    const busy = onMessage(frames);
    if (busy) await busy;
  }
}
