/** What a socket's monitor says of its connections. */
import type { Socket } from 'zeromq';
import type { LinkState } from './transport';

/** Calls `onLink` at each change of a socket that has one connection. A failed attempt to connect is no change. */
export function watchLink(socket: Socket, onLink: (state: LinkState) => void): void {
  let known: LinkState = 'down';
  const become = (state: LinkState) => {
    if (state === known || socket.closed) return;
    known = state;
    onLink(state);
  };
  socket.events.on('handshake', () => become('up'));
  socket.events.on('disconnect', () => become('down'));
}

/** Calls `onDisconnect` once for all connections of a bound socket that close in one turn of the event loop. */
export function watchDisconnects(socket: Socket, onDisconnect: () => void): void {
  let told = false;
  socket.events.on('disconnect', () => {
    if (told) return;
    told = true;
    setImmediate(() => {
      told = false;
      if (!socket.closed) onDisconnect();
    });
  });
}
