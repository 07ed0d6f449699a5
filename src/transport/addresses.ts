/** Binding and connecting, and what an address that cannot be used is called. */
import type { Dealer, Publisher, Reply, Request, Router, Subscriber } from 'zeromq';
import { TransportError } from './transport';

/** @throws TransportError; the socket is closed then */
export async function bindTo(address: string, socket: Publisher | Reply | Router): Promise<void> {
  try {
    await socket.bind(address);
  } catch (cause) {
    socket.close();
    throw addressError(address, cause);
  }
}

/** @throws TransportError; the socket is closed then */
export function connectTo(address: string, socket: Subscriber | Request | Dealer): void {
  try {
    socket.connect(address);
  } catch (cause) {
    socket.close();
    throw addressError(address, cause);
  }
}

/** Whether the host is an IPv6 address, which is written in brackets. */
export function isIpv6(address: string): boolean {
  return address.startsWith('tcp://[');
}

function addressError(address: string, cause: unknown): TransportError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') return new TransportError('address-in-use', address, { cause });
  if (code === 'EACCES' || code === 'EPERM') return new TransportError('not-permitted', address, { cause });
  return new TransportError('bad-address', address, { cause });
}
