/** What is ZeroMQ's own: high-water marks, sizes, foreign peers, what is left at the end. */
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import * as zmq from 'zeromq';
import type { Drop } from '../../src/transport/drops';
import type { TransportLimits } from '../../src/transport/limits';
import { readMonitor } from '../../src/transport/monitor';
import { receiveAll } from '../../src/transport/receiving';
import type { LinkState, PeerKey, RouterHandlers, Transport } from '../../src/transport/transport';
import { createTestTransport, TEST_LIMITS } from './limits';
import { bytes, freeAddress, text, until } from './until';

const LONG_MS = 20_000;
const ignore = () => {};

describe('the transport of sockets', () => {
  const opened: Transport[] = [];
  const foreign: zmq.Socket[] = [];
  const drops: Drop[] = [];
  let address: string;

  const create = (limits: Partial<TransportLimits> = {}) => {
    const transport = createTestTransport(limits, (drop) => drops.push(drop));
    opened.push(transport);
    return transport;
  };

  /** A socket that is not ours, and need not behave. */
  const raw = <Socket extends zmq.Socket>(socket: Socket): Socket => {
    foreign.push(socket);
    return socket;
  };

  const recordingRouter = async (transport: Transport, handlers: Partial<RouterHandlers> = {}) => {
    const heard: { peer: PeerKey; frames: string[] }[] = [];
    const router = await transport.bindRouter(address, {
      onMessage: (peer, frames) => void heard.push({ peer, frames: frames.map(text) }),
      onUndelivered: ignore,
      onDisconnect: ignore,
      ...handlers,
    });
    return { router, heard };
  };

  beforeEach(async () => {
    address = await freeAddress();
    drops.length = 0;
  });

  afterEach(async () => {
    for (const socket of foreign.splice(0)) socket.close();
    await Promise.all(opened.splice(0).map((transport) => transport.close()));
  });

  const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some((one) => one.address === '::1'));
  (hasIpv6 ? it : it.skip)('speaks IPv6 where an address is one', async () => {
    address = address.replace('127.0.0.1', '[::1]');
    const { heard } = await recordingRouter(create());
    create()
      .connectDealer(address, ignore, ignore)
      .send([bytes('hello')]);
    await until('it is heard', () => heard.length === 1);
    const pub = (await freeAddress()).replace('127.0.0.1', '[::1]');
    const rep = (await freeAddress()).replace('127.0.0.1', '[::1]');
    const publisher = await create().bindPublisher(pub);
    const published: string[] = [];
    create().connectSubscriber(pub, (payload) => void published.push(text(payload)), ignore);
    await create().bindReplier(rep, (question, answer) => answer(question));
    expect(text(await create().connectRequester(rep).ask(bytes('who?'), LONG_MS))).toBe('who?');
    const publishing = setInterval(() => publisher.publish(bytes('news')), 10);
    await until('it is published', () => published.length > 0);
    clearInterval(publishing);
  });

  it('tells a router that a peer does not read, and goes on serving the others', async () => {
    const undelivered: [PeerKey, string][] = [];
    const { router, heard } = await recordingRouter(create({ sendHighWaterMark: 5 }), {
      onUndelivered: (peer, _, reason) => undelivered.push([peer, reason]),
    });
    const deaf = raw(new zmq.Dealer({ linger: 0, receiveHighWaterMark: 1, receiveBufferSize: 4096 }));
    deaf.connect(address);
    await deaf.send('hello');
    const got: string[] = [];
    create()
      .connectDealer(address, (frames) => void got.push(text(frames[0])), ignore)
      .send([bytes('hello')]);
    await until('both are known', () => heard.length === 2);
    const isDeaf = (await routingIdOf(deaf, router, heard)) as PeerKey;
    const other = heard.find(({ peer }) => peer !== isDeaf)?.peer as PeerKey;
    const payload = Buffer.alloc(90_000);
    const filling = setInterval(() => router.send(isDeaf, [payload]), 1);
    await until('its link is full', () => undelivered.length > 3);
    clearInterval(filling);
    router.send(other, [bytes('still served')]);
    await until('the other is served', () => got.includes('still served'));
    expect(new Set(undelivered.map(String))).toEqual(new Set([`${isDeaf},full`]));
  });

  it('ends the connection of one who reads nothing for too long, and of nobody else', async () => {
    const gone: string[] = [];
    let disconnected = 0;
    const { router, heard } = await recordingRouter(create({ unreadMs: 1500, zmtpHeartbeatMs: 600_000 }), {
      onUndelivered: (peer, _, reason) => gone.push(`${peer} ${reason}`),
      onDisconnect: () => {
        disconnected += 1;
      },
    });
    const deaf = raw(
      new zmq.Dealer({ linger: 0, receiveHighWaterMark: 1, receiveBufferSize: 4096, reconnectInterval: LONG_MS }),
    );
    deaf.connect(address);
    await deaf.send('hello');
    const got: string[] = [];
    create()
      .connectDealer(address, (frames) => void got.push(text(frames[0])), ignore)
      .send([bytes('hello')]);
    await until('both are known', () => heard.length === 2);
    const isDeaf = (await routingIdOf(deaf, router, heard)) as PeerKey;
    const other = heard.find(({ peer }) => peer !== isDeaf)?.peer as PeerKey;
    for (let message = 0; message < 100; message += 1) router.send(isDeaf, [Buffer.alloc(90_000)]);
    await until('its connection is closed', () => disconnected > 0);
    const asking = setInterval(() => router.send(isDeaf, [bytes('still there?')]), 20);
    await until('it is gone', () => gone.length > 0);
    clearInterval(asking);
    expect(gone[0]).toBe(`${isDeaf} gone`);
    router.send(other, [bytes('still served')]);
    await until('the other is served', () => got.includes('still served'));
    expect(disconnected).toBe(1);
  });

  it('survives one who sends more than is read, and goes', async () => {
    let goOn = () => {};
    const never = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let heard = 0;
    const onMessage = () => {
      heard += 1;
      return never;
    };
    const handlers = { onMessage, onUndelivered: ignore, onDisconnect: ignore };
    const intake = { messages: 5, frameBytes: 100_000 };
    await create({ zmtpHeartbeatMs: 50 }).bindRouter(address, handlers, intake);
    const flooder = raw(new zmq.Dealer({ linger: 0, sendHighWaterMark: 500, sendTimeout: 0 }));
    flooder.connect(address);
    for (let message = 0; message < 400; message += 1) flooder.send(Buffer.alloc(90_000)).catch(ignore);
    await until('one has come', () => heard > 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    flooder.close();
    await new Promise((resolve) => setTimeout(resolve, 500));
    goOn();
    await until('what it said is read', () => heard > 5);
  });

  it('closes a connection that says nothing, in time, and keeps one that spoke', async () => {
    const { router, heard } = await recordingRouter(create({ handshakeMs: 500 }));
    const links: LinkState[] = [];
    const got: string[] = [];
    create()
      .connectDealer(
        address,
        (frames) => void got.push(text(frames[0])),
        (state) => links.push(state),
      )
      .send([bytes('hello')]);
    await until('one is known', () => heard.length === 1);
    const { hostname, port } = new URL(address.replace('tcp:', 'http:'));
    let closed = 0;
    for (let silent = 0; silent < 50; silent += 1) {
      connect({ host: hostname, port: Number(port) })
        .on('close', () => {
          closed += 1;
        })
        .resume();
    }
    await until('all are closed', () => closed === 50);
    router.send(heard[0]?.peer as PeerKey, [bytes('still served')]);
    await until('it is served', () => got.length > 0);
    expect(links).toEqual(['up']);
  });

  it('publishes at full speed past a subscriber that does not read', async () => {
    const publisher = await create({ sendHighWaterMark: 50 }).bindPublisher(address);
    const deaf = raw(new zmq.Subscriber({ linger: 0, receiveHighWaterMark: 1, receiveBufferSize: 4096 }));
    deaf.subscribe();
    deaf.connect(address);
    const got: string[] = [];
    create().connectSubscriber(address, (payload) => got.push(text(payload.subarray(0, 8))), ignore);
    const repeating = setInterval(() => publisher.publish(bytes('hello?')), 2);
    await Promise.all([until('one listens', () => got.length > 0), deaf.receive()]);
    clearInterval(repeating);
    const payload = Buffer.alloc(10_000, 'x');
    for (let n = 0; n < 100; n += 1) {
      for (let each = 0; each < 20; each += 1) publisher.publish(payload);
      await new Promise(setImmediate);
    }
    publisher.publish(bytes('the end.'));
    const repeatingEnd = setInterval(() => publisher.publish(bytes('the end.')), 5);
    await until('the other hears on', () => got.includes('the end.'));
    clearInterval(repeatingEnd);
  });

  it('drops what is too large to send, and keeps the link', async () => {
    const links: string[] = [];
    const { router, heard } = await recordingRouter(create());
    const got: string[] = [];
    const dealer = create().connectDealer(
      address,
      (frames) => void got.push(text(frames[0])),
      (state) => links.push(state),
    );
    const tooLarge = Buffer.alloc(TEST_LIMITS.maxMessageBytes - 2);
    dealer.send([bytes('one'), tooLarge]);
    dealer.send([bytes('ok'), tooLarge]);
    await until('the next arrived', () => heard.length > 0);
    expect(heard[0]?.frames[0]).toBe('ok');
    router.send(heard[0]?.peer as PeerKey, [bytes('one'), tooLarge]);
    router.send(heard[0]?.peer as PeerKey, [bytes('ok')]);
    await until('the next arrived', () => got.length > 0);
    expect(got).toEqual(['ok']);
    expect(links).toEqual(['up']);
    const drop = { address, direction: 'sent', reason: 'too-large', bytes: TEST_LIMITS.maxMessageBytes + 1 };
    expect(drops).toEqual([drop, drop]);
  });

  it('neither asks nor answers what is too large', async () => {
    await create().bindReplier(address, (_, answer) => answer(Buffer.alloc(TEST_LIMITS.maxMessageBytes + 1)));
    const requester = create().connectRequester(address);
    expect(await requester.ask(Buffer.alloc(TEST_LIMITS.maxMessageBytes + 1), LONG_MS)).toBeUndefined();
    expect(await requester.ask(bytes('?'), LONG_MS)).toHaveLength(0);
    expect(drops.map(({ reason }) => reason)).toEqual(['too-large', 'too-large']);
  });

  it('drops what foreign peers make of many frames', async () => {
    const { heard } = await recordingRouter(create());
    const dealer = raw(new zmq.Dealer({ linger: 0 }));
    dealer.connect(address);
    await dealer.send(Array.from({ length: 9 }, () => 'x'));
    await dealer.send(Array.from({ length: 3 }, () => Buffer.alloc(40_000)));
    await dealer.send(['good', 'one']);
    await until('the good one arrived', () => heard.length > 0);
    expect(heard.map(({ frames }) => frames)).toEqual([['good', 'one']]);
    expect(drops.map(({ direction, reason }) => `${direction} ${reason}`)).toEqual([
      'received malformed',
      'received too-large',
    ]);
  });

  it('drops what a foreign router makes of many frames', async () => {
    const router = raw(new zmq.Router({ linger: 0 }));
    await router.bind(address);
    const got: string[][] = [];
    create()
      .connectDealer(address, (frames) => void got.push(frames.map(text)), ignore)
      .send([bytes('hello')]);
    const [peer] = await router.receive();
    await router.send([peer as Buffer, ...Array.from({ length: 9 }, () => 'x')]);
    await router.send([peer as Buffer, 'good', 'one']);
    await until('the good one arrived', () => got.length > 0);
    expect(got).toEqual([['good', 'one']]);
  });

  it('closes the connection of a peer that sends a frame beyond the limit, and of no other', async () => {
    const { router, heard } = await recordingRouter(create());
    const links: string[] = [];
    const got: string[] = [];
    const good = create().connectDealer(
      address,
      (frames) => void got.push(text(frames[0])),
      (state) => links.push(state),
    );
    good.send([bytes('hello')]);
    await until('known', () => heard.length === 1);
    const bad = raw(new zmq.Dealer({ linger: 0, reconnectInterval: 60_000 }));
    let disconnected = false;
    void readMonitor(bad, (type) => {
      disconnected ||= type === 'disconnect';
    });
    bad.connect(address);
    await bad.send(Buffer.alloc(TEST_LIMITS.maxMessageBytes + 1));
    await until('it is thrown out', () => disconnected);
    router.send(heard[0]?.peer as PeerKey, [bytes('still here')]);
    await until('the other is served', () => got.length === 1);
    expect(links).toEqual(['up']);
  });

  it('takes no larger frames than a port is given', async () => {
    const intake = { messages: 10, frameBytes: 1000 };
    const heard: string[] = [];
    await create().bindRouter(
      address,
      { onMessage: (_, frames) => void heard.push(text(frames[0])), onUndelivered: ignore, onDisconnect: ignore },
      intake,
    );
    const links: string[] = [];
    const dealer = create().connectDealer(address, ignore, (state) => links.push(state));
    dealer.send([bytes('x'.repeat(1000))]);
    await until('the largest is heard', () => heard.length === 1);
    dealer.send([bytes('x'.repeat(1001))]);
    await until('a larger one ends the connection', () => links.includes('down'));
    await until('which is made again', () => links.length === 3);
    dealer.send([bytes('still here')]);
    await until('it is heard', () => heard.includes('still here'));
    expect(heard).toHaveLength(2);
  });

  it('answers on after questions without an envelope, and after one of several frames', async () => {
    const questions: string[] = [];
    await create().bindReplier(address, (question, answer) => {
      questions.push(text(question));
      answer(bytes('!'));
    });
    const dealer = raw(new zmq.Dealer({ linger: 0 }));
    dealer.connect(address);
    for (let n = 0; n < 20; n += 1) await dealer.send('no envelope');
    await dealer.send(['', 'two', 'frames']);
    expect((await dealer.receive()).map(String)).toEqual(['', '']);
    const requester = create().connectRequester(address);
    for (let n = 0; n < 3; n += 1) expect(text(await requester.ask(bytes(`${n}`), LONG_MS))).toBe('!');
    expect(questions).toEqual(['0', '1', '2']);
  });

  it('refuses more questions than may wait, at once', async () => {
    const answers: (() => void)[] = [];
    await create().bindReplier(address, (question, answer) => answers.push(() => answer(question)));
    const requester = create({ peerQuestions: 3 }).connectRequester(address);
    const asked = Array.from({ length: 6 }, (_, n) => requester.ask(bytes(`${n}`), LONG_MS));
    // One is out, three wait: the last two are refused while nothing has been answered.
    expect(await Promise.all(asked.slice(4))).toEqual([undefined, undefined]);
    const answering = setInterval(() => answers.shift()?.(), 1);
    expect((await Promise.all(asked.slice(0, 4))).map(text)).toEqual(['0', '1', '2', '3']);
    clearInterval(answering);
    expect(drops.map(({ reason }) => reason)).toEqual(['backlog', 'backlog']);
  });

  it('does not ask what has waited too long behind others', async () => {
    const questions: string[] = [];
    const silent = raw(new zmq.Router({ linger: 0 }));
    await silent.bind(address);
    void receiveAll(silent, (frames) => void questions.push(text(frames.at(-1))));
    const requester = create().connectRequester(address);
    // All are asked in one go, so the others' time is up long before the first one's.
    const asked = Array.from({ length: 10 }, (_, n) => requester.ask(bytes(`${n}`), n === 0 ? 1000 : 1));
    expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
    const last = requester.ask(bytes('last'), LONG_MS);
    await until('the last is asked', () => questions.includes('last'));
    requester.close();
    expect(await last).toBeUndefined();
    expect(questions).toEqual(['0', 'last']);
  });

  it('sends all that was queued before it closes, when given the time', async () => {
    const { heard } = await recordingRouter(create({ receiveHighWaterMark: 10 }));
    const leaving = create();
    const dealer = leaving.connectDealer(address, ignore, ignore);
    // More than the socket takes at once, and more than lies on the wire when it is closed.
    const load = Buffer.alloc(2000);
    for (let n = 0; n < 3000; n += 1) dealer.send([bytes(String(n)), load]);
    await leaving.close(LONG_MS);
    await until('all arrived', () => heard.length === 3000);
    expect(heard.at(-1)?.frames[0]).toBe('2999');
  });

  it('closes in its time when there is nobody to send to', async () => {
    const leaving = create({ sendHighWaterMark: 10 });
    const dealer = leaving.connectDealer(address, ignore, ignore);
    for (let n = 0; n < 1000; n += 1) dealer.send([bytes('to nobody')]);
    const question = leaving.connectRequester(address).ask(bytes('anyone?'), LONG_MS);
    await leaving.close(100);
    expect(await question).toBeUndefined();
  });

  it('reconnects every socket to a peer that comes back on its address', async () => {
    const links: string[] = [];
    const first = create();
    await recordingRouter(first);
    const dealer = create().connectDealer(address, ignore, (state) => links.push(state));
    for (let restart = 0; restart < 5; restart += 1) {
      await until('up', () => links.length === 2 * restart + 1);
      await opened.find((transport) => transport === (restart === 0 ? first : opened.at(-1)))?.close();
      await until('down', () => links.length === 2 * restart + 2);
      const { heard } = await recordingRouter(create());
      await until('it is heard again', () => {
        dealer.send([bytes('again')]);
        return heard.length > 0;
      });
    }
    await until('up', () => links.length === 11);
    expect(links).toEqual(Array.from({ length: 11 }, (_, n) => (n % 2 === 0 ? 'up' : 'down')));
  });
});

/** Which of the peers a raw dealer is: the one to whom a word arrives there. */
async function routingIdOf(
  dealer: zmq.Dealer,
  router: { send(peer: PeerKey, frames: readonly Uint8Array[]): void },
  heard: readonly { readonly peer: PeerKey }[],
): Promise<PeerKey | undefined> {
  for (const [index, { peer }] of heard.entries()) router.send(peer, [bytes(String(index))]);
  const [index] = await dealer.receive();
  return heard[Number(String(index))]?.peer;
}
