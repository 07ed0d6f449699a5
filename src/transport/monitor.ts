/**
 * What a socket's monitor says of its connections. It is read here by hand: the event emitter that zeromq.js puts on
 * it belongs to the first who loaded the addon, which in a test runner may be a file that has ended.
 */
import type { EventType, Socket } from 'zeromq';
import type { LinkState } from './transport';

/** Called with each event of the monitor. */
export type OnEvent = (type: EventType) => void;

/** Reads the monitor until ZeroMQ has let go of the socket, which is after all that it still had to send. */
export async function readMonitor(socket: Socket, onEvent: OnEvent): Promise<void> {
  const monitor = socket.events;
  while (!monitor.closed) onEvent((await monitor.receive()).type);
}

/** Calls `onLink` at each change of a socket that has one connection. A failed attempt to connect is no change. */
export function linkEvents(socket: Socket, onLink: (state: LinkState) => void): OnEvent {
  let known: LinkState = 'down';
  return (type) => {
    const state = type === 'handshake' ? 'up' : type === 'disconnect' ? 'down' : known;
    if (state === known || socket.closed) return;
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
