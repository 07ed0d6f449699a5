/** CURVE (https://rfc.zeromq.org/spec/26) by hand, both sides, so that what is inside of its boxes can be anything. */
import nacl from 'tweetnacl';
import { COMMAND, command, type Frame, frame, MORE } from './zmtp';

/** In a box the flag of a command is another one than on the wire. */
const BOXED_COMMAND = 2;

export interface CurveKeys {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
  /** Of whoever is bound at the port. */
  readonly serverKey: Uint8Array;
}

/** Of one who is connected to. */
export type OwnKeys = Omit<CurveKeys, 'serverKey'>;

/** What is said once the handshake is through. */
export interface Boxes {
  /** A frame with these flags and this body, in a box. */
  message(flags: number, body: Uint8Array): Buffer;
  /** What is in a MESSAGE of the other end. */
  open(body: Buffer): Frame;
}

export class CurveClient implements Boxes {
  private readonly transient = nacl.box.keyPair();
  private nonce = 0n;
  private theirs: Uint8Array = new Uint8Array(32);

  constructor(private readonly keys: CurveKeys) {}

  hello(): Buffer {
    const short = this.next();
    const signature = this.box(new Uint8Array(64), 'CurveZMQHELLO---', short, this.keys.serverKey);
    const body = Buffer.concat([Buffer.of(1, 0), Buffer.alloc(72), this.transient.publicKey, short, signature]);
    return command('HELLO', body);
  }

  /** @param welcome the body of the command, without its name */
  initiate(welcome: Buffer, properties: Buffer): Buffer {
    const nonce = named('WELCOME-', welcome.subarray(0, 16));
    const opened = nacl.box.open(welcome.subarray(16), nonce, this.keys.serverKey, this.transient.secretKey);
    if (!opened) throw new Error('a WELCOME that cannot be opened');
    this.theirs = opened.subarray(0, 32);
    const vouchNonce = nacl.randomBytes(16);
    const vouched = Buffer.concat([this.transient.publicKey, this.keys.serverKey]);
    const vouch = nacl.box(vouched, named('VOUCH---', vouchNonce), this.theirs, this.keys.secretKey);
    const short = this.next();
    const content = Buffer.concat([this.keys.publicKey, vouchNonce, vouch, properties]);
    const box = this.box(content, 'CurveZMQINITIATE', short, this.theirs);
    return command('INITIATE', Buffer.concat([opened.subarray(32), short, box]));
  }

  message(flags: number, body: Uint8Array): Buffer {
    const short = this.next();
    const box = this.box(Buffer.concat([boxedFlags(flags), body]), 'CurveZMQMESSAGEC', short, this.theirs);
    return boxed(short, box);
  }

  open(body: Buffer): Frame {
    const nonce = named('CurveZMQMESSAGES', body.subarray(8, 16));
    return unboxed(nacl.box.open(body.subarray(16), nonce, this.theirs, this.transient.secretKey));
  }

  private box(content: Uint8Array, name: string, short: Buffer, to: Uint8Array): Uint8Array {
    return nacl.box(content, named(name, short), to, this.transient.secretKey);
  }

  private next(): Buffer {
    this.nonce += 1n;
    const short = Buffer.alloc(8);
    short.writeBigUInt64BE(this.nonce);
    return short;
  }
}

export class CurveServer implements Boxes {
  private readonly transient = nacl.box.keyPair();
  private theirs: Uint8Array = new Uint8Array(32);
  private nonce = 0n;

  constructor(private readonly keys: OwnKeys) {}

  /** @param hello the body of the command, without its name */
  welcome(hello: Buffer): Buffer {
    this.theirs = hello.subarray(74, 106);
    const nonce = nacl.randomBytes(16);
    const content = Buffer.concat([this.transient.publicKey, nacl.randomBytes(96)]);
    const box = nacl.box(content, named('WELCOME-', nonce), this.theirs, this.keys.secretKey);
    return command('WELCOME', Buffer.concat([nonce, box]));
  }

  /** Lets in whoever it is. */
  ready(properties: Buffer): Buffer {
    const short = this.next();
    return command('READY', Buffer.concat([short, this.box(properties, 'CurveZMQREADY---', short)]));
  }

  message(flags: number, body: Uint8Array): Buffer {
    const short = this.next();
    return boxed(short, this.box(Buffer.concat([boxedFlags(flags), body]), 'CurveZMQMESSAGES', short));
  }

  open(body: Buffer): Frame {
    const nonce = named('CurveZMQMESSAGEC', body.subarray(8, 16));
    return unboxed(nacl.box.open(body.subarray(16), nonce, this.theirs, this.transient.secretKey));
  }

  private box(content: Uint8Array, name: string, short: Buffer): Uint8Array {
    return nacl.box(content, named(name, short), this.theirs, this.transient.secretKey);
  }

  private next(): Buffer {
    this.nonce += 1n;
    const short = Buffer.alloc(8);
    short.writeBigUInt64BE(this.nonce);
    return short;
  }
}

function boxedFlags(flags: number): Buffer {
  return Buffer.of((flags & MORE) | ((flags & COMMAND) !== 0 ? BOXED_COMMAND : 0));
}

function boxed(short: Buffer, box: Uint8Array): Buffer {
  return frame(Buffer.concat([Buffer.from('\x07MESSAGE', 'latin1'), short, box]));
}

function unboxed(opened: Uint8Array | null): Frame {
  const flags = opened?.[0] ?? 0;
  const command = (flags & BOXED_COMMAND) !== 0 ? COMMAND : 0;
  return { flags: (flags & MORE) | command, body: Buffer.from(opened ?? []).subarray(1) };
}

function named(name: string, nonce: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(name, 'latin1'), nonce]);
}
