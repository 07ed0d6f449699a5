/** The one reader of a socket: hands over what arrives until the socket is closed. */
import type { Frames } from './transport';

/** Frames of one message, at most: a route, a payload, and room for what later versions add. */
export const MAX_FRAMES = 8;

export type OnFrames = (frames: Frames) => void | Promise<void>;

/** Just what a reader needs of a socket. */
export interface Source {
  readonly closed: boolean;
  receive(): Promise<Frames>;
}

/**
 * Reads until the socket is closed. What is there already is read without a turn of the event loop for each message;
 * zeromq.js gives the loop a turn after a few hundred. While the handler gives a promise, nothing more is read.
 *
 * An error of the handler is not caught: it is a broken invariant of ours, and ends the process.
 */
export async function receiveAll(socket: Source, onMessage: OnFrames): Promise<void> {
  while (!socket.closed) {
    const frames = await receiveOne(socket);
    const busy = frames && onMessage(frames);
    if (busy) await busy;
  }
}

/**
 * The next message; undefined when there is none after all: the socket was closed, or it discarded what had arrived.
 * A REP socket does that with a question without an envelope, which anyone may send.
 */
export async function receiveOne(socket: Source): Promise<Frames | undefined> {
  try {
    return await socket.receive();
  } catch (error) {
    if (socket.closed || (error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
