/** Who is on the list is let in, and nobody else: on every kind of socket, on both of its ends. */
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import * as zmq from 'zeromq';
import { readMonitor } from '../../src/transport/monitor';
import { INSECURE, newKeyPair, type Refusal, type SocketSecurity } from '../../src/transport/security';
import type { Frames, Transport } from '../../src/transport/transport';
import { frame, greeting } from '../hostile/zmtp';
import { type Port, TestSecurity } from './keys';
import { createTestTransport } from './limits';
import { bytes, freeAddress, text, until } from './until';

const LONG_MS = 20_000;
const ignore = () => {};

const opened: Transport[] = [];
const foreign: zmq.Socket[] = [];
const refusals: Refusal[] = [];
let address: string;
let port: Port;
let member: TestSecurity;

const create = (security: SocketSecurity) => {
  const transport = createTestTransport({}, ignore, security, (refusal) => refusals.push(refusal));
  opened.push(transport);
  return transport;
};

beforeEach(async () => {
  address = await freeAddress();
  port = { pair: newKeyPair(), domain: 'servers', admitted: new Set() };
  member = new TestSecurity(() => port);
  port.admitted.add(member.publicKey);
  refusals.length = 0;
});

afterEach(async () => {
  for (const socket of foreign.splice(0)) socket.close();
  await Promise.all(opened.splice(0).map((transport) => transport.close()));
});

/** Each kind of bound socket, and one exchange with it: what whoever connects has heard of it. */
const PORTS = {
  PUB: async (binder: Transport) => {
    const publisher = await binder.bindPublisher(address);
    const publishing = setInterval(() => publisher.publish(bytes('news')), 2);
    return () => clearInterval(publishing);
  },
  REP: async (binder: Transport) => {
    await binder.bindReplier(address, (_, answer) => answer(bytes('news')));
    return ignore;
  },
  ROUTER: async (binder: Transport) => {
    const router = await binder.bindRouter(address, {
      onMessage: (peer) => router.send(peer, [bytes('news')]),
      onUndelivered: ignore,
      onDisconnect: ignore,
    });
    return ignore;
  },
};
type Kind = keyof typeof PORTS;
const KINDS = Object.keys(PORTS) as Kind[];

/** Connects to it as those do for whom it is; tells what it hears. @returns asks again, where one has to ask */
function connect(kind: Kind, transport: Transport, heard: string[]): () => void {
  if (kind === 'PUB') transport.connectSubscriber(address, (payload) => void heard.push(text(payload)), ignore);
  else if (kind === 'ROUTER') {
    const onMessage = (frames: Frames) => void heard.push(text(frames[0]));
    const dealer = transport.connectDealer(address, onMessage, (state) => {
      if (state === 'up') dealer.send([bytes('hello')]);
    });
  } else {
    const requester = transport.connectRequester(address);
    const ask = () => void requester.ask(bytes('hello'), LONG_MS).then((answer) => answer && heard.push(text(answer)));
    ask();
    return ask;
  }
  return ignore;
}

describe.each(KINDS)('a bound %s', (kind) => {
  /** Whether it was heard by somebody with these keys, once somebody who may has heard it and he was refused. */
  async function heardBy(stranger: SocketSecurity, why: Refusal['why']): Promise<boolean> {
    const stop = await PORTS[kind](create(member));
    const heard: string[] = [];
    const overheard: string[] = [];
    connect(kind, create(stranger), overheard);
    await until('the stranger is refused', () => refusals.some((refusal) => refusal.bound && refusal.why === why));
    connect(kind, create(member), heard);
    await until('the member hears', () => heard.length > 0);
    stop();
    return overheard.length > 0;
  }

  it('refuses a key that nobody knows', async () => {
    expect(await heardBy(new TestSecurity(() => port), 'key')).toBe(false);
  });

  it('refuses a key that is for the ports of another domain', async () => {
    const client = new TestSecurity(() => port);
    const admits = member.admits.bind(member);
    // Known, but as a client, and this port is for servers.
    member.admits = (domain, key) => (key === client.publicKey ? domain === 'clients' : admits(domain, key));
    expect(await heardBy(client, 'key')).toBe(false);
  });

  it('refuses one that speaks in the clear', async () => {
    expect(await heardBy(INSECURE, 'mechanism')).toBe(false);
  });

  it('refuses one that expects somebody with another key', async () => {
    const misled = new TestSecurity(() => ({ ...port, pair: newKeyPair() }));
    port.admitted.add(misled.publicKey);
    expect(await heardBy(misled, 'other key')).toBe(false);
  });

  it('admits one that was refused, once it is on the list', async () => {
    const stop = await PORTS[kind](create(member));
    const late = new TestSecurity(() => port);
    const heard: string[] = [];
    connect(kind, create(late), heard);
    await until('it is refused', () => refusals.some(({ bound, why }) => !bound && why === 'key'));
    expect(heard).toEqual([]);
    port.admitted.add(late.publicKey);
    await until('it is admitted', () => heard.length > 0);
    stop();
  });
});

describe.each(KINDS)('a bound %s whose list has changed', (kind) => {
  it('ends the connection of one that is not on it any more, and goes on with all others', async () => {
    const stop = await PORTS[kind](create(member));
    const leaver = new TestSecurity(() => port);
    port.admitted.add(leaver.publicKey);
    const [staying, leaving, coming]: [string[], string[], string[]] = [[], [], []];
    const askAgain = connect(kind, create(member), staying);
    const askInVain = connect(kind, create(leaver), leaving);
    await until('both hear', () => staying.length > 0 && leaving.length > 0);
    port.admitted.delete(leaver.publicKey);
    member.changed(['clients']);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(refusals).toEqual([]);
    staying.splice(0);
    member.changed(['servers']);
    await until('it is refused', () => refusals.some(({ bound, why }) => bound && why === 'key'));
    leaving.splice(0);
    askAgain();
    askInVain();
    await until('the other hears again', () => staying.length > 0);
    expect(leaving).toEqual([]);
    // However often, and at once.
    for (let times = 0; times < 20; times += 1) member.changed(['servers']);
    connect(kind, create(member), coming);
    await until('one who comes hears', () => coming.length > 0);
    stop();
  });
});

/** What somebody else says who has the address for a while. */
const ANSWERS: readonly (readonly [string, string | Buffer])[] = [
  ['nothing, and closes', ''],
  ['HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ['ZMTP 1.0', Buffer.from('0100', 'hex')],
  ['a greeting and noise', Buffer.concat([greeting({ mechanism: 'CURVE' }), Buffer.alloc(300, 0xa5)])],
  ['a greeting of another mechanism', greeting({ mechanism: 'PLAIN' })],
];

describe.each(KINDS)('whoever connects to a %s', (kind) => {
  it.each(ANSWERS)('comes back after somebody there has answered %s', async (_, answer) => {
    let answered = 0;
    const stranger = createServer((socket) => {
      socket.on('error', ignore);
      socket.write(answer);
      setTimeout(() => socket.destroy(), 20);
      answered += 1;
    });
    const { port: number } = new URL(address.replace('tcp:', 'http:'));
    await new Promise<void>((resolve) => stranger.listen(Number(number), '127.0.0.1', resolve));
    const heard: string[] = [];
    connect(kind, create(member), heard);
    await until('somebody else has answered', () => answered > 0);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => stranger.close(resolve));
    const stop = await PORTS[kind](create(member));
    await until('it hears who belongs there', () => heard.length > 0);
    stop();
  });
});

it('tells one that speaks in the clear why, however the other end closes', async () => {
  await PORTS.ROUTER(create(member));
  const reasons: (string | undefined)[] = [];
  const stranger = create(INSECURE);
  for (let n = 0; n < 20; n += 1) stranger.connectDealer(address, ignore, (_, refused) => reasons.push(refused));
  await until('all are told', () => reasons.length >= 20);
  expect(new Set(reasons)).toEqual(new Set(['mechanism']));
});

describe('a connection in which bytes are damaged on the way', () => {
  it.each([
    ['bytes are added', (socket: Socket) => void socket.write(Buffer.alloc(100, 0x5a))],
    ['a frame of noise is added', (socket: Socket) => void socket.write(frame(Buffer.alloc(50, 0x5a)))],
    ['it is cut', (socket: Socket) => void socket.destroy()],
  ])('is told to be down, made again and told to be up: %s', async (_, damage) => {
    await PORTS.ROUTER(create(member));
    const { port: number } = new URL(address.replace('tcp:', 'http:'));
    const towards: Socket[] = [];
    const proxy = createServer((client) => {
      const server = connectTcp(Number(number), '127.0.0.1');
      for (const socket of [client, server]) socket.on('error', ignore);
      client.pipe(server).pipe(client);
      towards.push(client);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const links: string[] = [];
    const heard: string[] = [];
    const there = `tcp://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const onMessage = (frames: Frames) => void heard.push(text(frames[0]));
    const dealer = create(member).connectDealer(there, onMessage, (state, refused) => {
      links.push(refused ?? state);
      if (state === 'up') dealer.send([bytes('hello')]);
    });
    await until('it is up', () => heard.length === 1);
    for (const socket of towards.splice(0)) damage(socket);
    await until('it is up again', () => heard.length === 2);
    expect(links).toEqual(['up', 'down', 'up']);
    for (const socket of towards) socket.destroy();
    proxy.close();
  });
});

/** What is bound at the address of another one. */
const IMPOSTORS = {
  PUB: (options: object) => new zmq.Publisher({ linger: 0, sendTimeout: 0, ...options }),
  REP: (options: object) => new zmq.Reply({ linger: 0, ...options }),
  ROUTER: (options: object) => new zmq.Router({ linger: 0, ...options }),
};

describe.each(KINDS)('whoever connects to a %s', (kind) => {
  it.each([
    ['has another key', true],
    ['speaks in the clear', false],
  ])('has nothing to do with an impostor that %s', async (_, curve) => {
    const { secretKey, publicKey } = newKeyPair();
    const keys = curve ? { curveServer: true, curveSecretKey: secretKey, curvePublicKey: publicKey } : {};
    const impostor = IMPOSTORS[kind](keys);
    foreign.push(impostor);
    const events: string[] = [];
    void readMonitor(impostor, (type) => events.push(type));
    await impostor.bind(address);
    const heard: string[] = [];
    connect(kind, create(member), heard);
    if (impostor instanceof zmq.Publisher) void impostor.send('lies').catch(ignore);
    await until('the connection is broken off', () => refusals.some(({ bound }) => !bound));
    expect(events).not.toContain('handshake');
    expect(heard).toEqual([]);
  });

  it('finds the one that it looks for under a new key, and asks for no other key before it is told', async () => {
    const first = create(member);
    const stopFirst = await PORTS[kind](first);
    const watcher = new TestSecurity(() => port);
    port.admitted.add(watcher.publicKey);
    const heard: string[] = [];
    const transport = create(watcher);
    const askAgain = connect(kind, transport, heard);
    await until('it hears', () => heard.length > 0);
    stopFirst();
    await first.close();
    port.pair = newKeyPair();
    const stop = await PORTS[kind](create(new TestSecurity(() => port)));
    port.admitted.add(member.publicKey);
    await until('the old key is refused', () => refusals.some(({ why }) => why === 'other key'));
    heard.length = 0;
    watcher.changed();
    askAgain();
    await until('it hears again', () => heard.length > 0);
    stop();
  });
});
