/**
 * The answers to ZeroMQ's own question, at each CURVE handshake on a bound socket, whether who connects may do so: ZAP
 * (https://rfc.zeromq.org/spec/27), a REP at a fixed address within the context. Sockets enforce their domain: without
 * a handler, or without its yes, nobody gets in.
 */
import { type Context, Reply } from 'zeromq';
import { z85 } from '../lib/z85';
import { receiveAll } from './receiving';
import type { Security } from './security';

const ADDRESS = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
const CURVE_KEY_BYTES = 32;

/** Answers until it is closed. Must be there before any socket of the context is bound. */
export class ZapHandler {
  private readonly socket: Reply;

  private constructor(
    context: Context,
    private readonly security: Security,
  ) {
    this.socket = new Reply({ context, linger: 0 });
  }

  static async start(context: Context, security: Security): Promise<ZapHandler> {
    const handler = new ZapHandler(context, security);
    await handler.socket.bind(ADDRESS);
    void receiveAll(handler.socket, (frames) => handler.answer(frames));
    return handler;
  }

  close(): void {
    this.socket.close();
  }

  private async answer(frames: readonly Uint8Array[]): Promise<void> {
    const [version, request, domain, , , mechanism, key] = frames;
    const known = text(version) === VERSION && text(mechanism) === 'CURVE' && key?.length === CURVE_KEY_BYTES;
    const admitted = known && this.security.admits(text(domain), z85(key));
    const status = admitted ? ['200', 'OK'] : ['400', 'not admitted'];
    await this.socket.send([VERSION, request as Buffer, ...status, '', '']);
  }
}

function text(frame: Uint8Array | undefined): string {
  return Buffer.from(frame ?? []).toString('latin1');
}
