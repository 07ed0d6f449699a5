/**
 * What a socket's monitor says of its connections. It is read here by hand: the event emitter that zeromq.js puts on
 * it belongs to the first who loaded the addon, which in a test runner may be a file that has ended.
 */
import type { EventType, Socket } from 'zeromq';
import type { OnRefusal, RefusalReason } from './security';
import type { LinkState, OnLink } from './transport';

/** Called with each event of the monitor, and the code of the error in it. */
export type OnEvent = (type: EventType, code?: string) => void;

/** The connection is gone; a new one is begun also where ZeroMQ was told to let go of the one that there was. */
const LOST: readonly EventType[] = ['disconnect', 'connect:delay'];

/** Reads the monitor until ZeroMQ has let go of the socket, which is after all that it still had to send. */
export async function readMonitor(socket: Socket, onEvent: OnEvent): Promise<void> {
  const monitor = socket.events;
  while (!monitor.closed) {
    const event = await monitor.receive();
    onEvent(event.type, 'error' in event ? (event.error as NodeJS.ErrnoException).code : undefined);
  }
}

/**
 * Calls `onLink` at each change of a socket that has one connection, and when it is not let in. An attempt that failed
 * otherwise is no change.
 */
export function linkEvents(socket: Socket, onLink: OnLink): OnEvent {
  let known: LinkState = 'down';
  return (type, code) => {
    if (socket.closed) return;
    const refused = refusalOf(type, code, socket);
    // One that was let in already is not refused: what came over it was damaged on the way.
    if (refused && known === 'down') return onLink('down', refused);
    const state = type === 'handshake' ? 'up' : refused || LOST.includes(type) ? 'down' : known;
    if (state === known) return;
    known = state;
    onLink(state);
  };
}

/** Calls `onDisconnect` once for all connections of a bound socket that close in one turn of the event loop. */
export function disconnectEvents(socket: Socket, onDisconnect: () => void): OnEvent {
  let told = false;
  return (type) => {
    if (told || type !== 'disconnect') return;
    told = true;
    setImmediate(() => {
      told = false;
      if (!socket.closed) onDisconnect();
    });
  };
}

/** Calls `onRefusal` when a handshake failed because one of the two did not want the other. */
export function refusalEvents(socket: Socket, address: string, bound: boolean, onRefusal: OnRefusal): OnEvent {
  return (type, code) => {
    // Where it is bound, anybody may come and go.
    if (socket.closed || (bound && type === 'handshake:error:other')) return;
    const why = refusalOf(type, code, socket);
    if (why) onRefusal({ address, bound, why });
  };
}

function refusalOf(type: EventType, code: string | undefined, socket: Socket): RefusalReason | undefined {
  if (type === 'handshake:error:auth') return 'key';
  // Whether the other end's greeting is read before it closes is chance: one that has no key misses no key.
  if (type === 'handshake:error:other') return socket.securityMechanism === 'curve' ? 'broken off' : 'mechanism';
  if (type !== 'handshake:error:protocol') return undefined;
  return code === 'ERR_ZMTP_CRYPTOGRAPHIC' ? 'other key' : 'mechanism';
}
