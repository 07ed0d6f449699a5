/** What is sent, in words: a line that a person can read. */
import type { Frames } from '../../src/transport/transport';
import { createClientCodec } from '../../src/wire/codec-client';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { decodeClient, decodeServer, decodeToClient, decodeToServer } from '../../src/wire/frames';
import type { Channel } from './weather';

const peers = createPeerCodec('sim');
const clients = createClientCodec('sim');

export function tell(from: string, to: string, channel: Channel, frames: Frames): string {
  const payload = frames.at(-1) ?? new Uint8Array(0);
  if (channel !== 'client') return payload.length === 0 ? `an empty ${channel}` : json(messageOf(payload));
  // Between clients, balancer and servers the first frame says whom it concerns; the second one may be empty.
  const [route = payload] = frames;
  // Requests go from clients over the balancer to servers.
  const isRequest = to.startsWith('server') || (to === 'balancer' && !from.startsWith('server'));
  const said =
    payload.length === 0 ? '' : json(isRequest ? clients.decodeRequest(payload) : clients.decodeMessage(payload));
  return `${json(routeOf(from, to, route))} ${said}`;
}

function routeOf(from: string, to: string, route: Uint8Array): object | undefined {
  if (from.startsWith('server')) return decodeServer(route);
  if (to.startsWith('server')) return decodeToServer(route);
  return to === 'balancer' ? decodeClient(route) : decodeToClient(route);
}

function messageOf(payload: Uint8Array): object {
  const envelope = peers.decodePeer(payload);
  return 'bad' in envelope ? envelope : envelope.message;
}

function json(message: object | undefined): string {
  return JSON.stringify(message, (_, value) => {
    if (value instanceof Uint8Array || value?.type === 'Buffer') return `${(value.data ?? value).length} bytes`;
    return value;
  });
}
