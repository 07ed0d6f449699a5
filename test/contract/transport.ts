/** What every transport does: the same suite runs on the one of sockets and on the one of tests. */
import type { LinkState, PeerKey, Router, Transport } from '../../src/transport/transport';
import { bytes, freeAddress, text, until } from '../transport/until';

/** More than any of these exchanges takes; a test never waits for it. */
const LONG_MS = 20_000;

export interface TransportFixture {
  /** A transport as another process would have it. */
  create(): Transport;
}

const ignore = () => {};

export function transportContract(name: string, prepare: () => TransportFixture): void {
  describe(`${name} keeps the contract of a transport`, () => {
    const opened: Transport[] = [];
    let fixture: TransportFixture;
    let address: string;

    const create = () => {
      const transport = fixture.create();
      opened.push(transport);
      return transport;
    };

    /** A router that records what it hears, and a dealer that is known to it. */
    const pair = async () => {
      const heard: { peer: PeerKey; frames: string[] }[] = [];
      const undelivered: string[] = [];
      let disconnects = 0;
      const router = await create().bindRouter(address, {
        onMessage: (peer, frames) => void heard.push({ peer, frames: frames.map(text) }),
        onUndelivered: (_, frames, reason) => undelivered.push(`${reason}: ${frames.map(text)}`),
        onDisconnect: () => {
          disconnects += 1;
        },
      });
      return { router, heard, undelivered, disconnects: () => disconnects };
    };

    beforeEach(async () => {
      fixture = prepare();
      address = await freeAddress();
    });

    afterEach(async () => {
      await Promise.all(opened.splice(0).map((transport) => transport.close()));
    });

    it('delivers a burst of a dealer whole and in order', async () => {
      const { heard } = await pair();
      const dealer = create().connectDealer(address, ignore, ignore);
      for (let n = 0; n < 10_000; n += 1) dealer.send([bytes('route'), bytes(String(n))]);
      await until('all arrived', () => heard.length >= 10_000);
      expect(heard.map(({ frames }) => Number(frames[1]))).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
      expect(new Set(heard.map(({ frames }) => frames.length))).toEqual(new Set([2]));
    });

    it('delivers a burst of a router to the peer it is for, in order', async () => {
      const { router, heard } = await pair();
      const got: [string[], string[]] = [[], []];
      for (const [index, mine] of got.entries()) {
        create()
          .connectDealer(address, (frames) => void mine.push(frames.map(text).join()), ignore)
          .send([bytes(String(index))]);
      }
      await until('both are known', () => heard.length === 2);
      for (let n = 0; n < 500; n += 1)
        for (const { peer, frames } of heard) router.send(peer, [bytes(`${frames}`), bytes(`${n}`)]);
      await until('all arrived', () => got.every((mine) => mine.length === 500));
      for (const [index, mine] of got.entries()) {
        expect(mine).toEqual(Array.from({ length: 500 }, (_, n) => `${index},${n}`));
      }
    });

    it('hands nothing over within a send', async () => {
      const { router, heard } = await pair();
      let sending = false;
      let inside = 0;
      let answers = 0;
      const dealer = create().connectDealer(
        address,
        () => {
          answers += 1;
          if (sending) inside += 1;
        },
        ignore,
      );
      dealer.send([bytes('hello')]);
      await until('known', () => heard.length === 1);
      const echoing = setInterval(() => {
        for (const { peer } of heard.splice(0)) router.send(peer, [bytes('echo')]);
      }, 1);
      for (let turn = 0; turn < 20; turn += 1) {
        sending = true;
        for (let n = 0; n < 50; n += 1) dealer.send([bytes('more')]);
        sending = false;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await until('all echoed', () => answers === 1001);
      clearInterval(echoing);
      expect(inside).toBe(0);
    });

    it('reads nothing more while the handler of a dealer is busy', async () => {
      const { router, heard } = await pair();
      const got: string[] = [];
      let ready = () => {};
      const dealer = create().connectDealer(
        address,
        (frames) => {
          got.push(text(frames[0]));
          return new Promise((resolve) => {
            ready = resolve;
          });
        },
        ignore,
      );
      dealer.send([bytes('hello')]);
      await until('known', () => heard.length === 1);
      for (const word of ['a', 'b', 'c']) router.send(heard[0]?.peer as PeerKey, [bytes(word)]);
      for (const sofar of ['a', 'ab', 'abc']) {
        await until(`${sofar} arrived`, () => got.join('') === sofar);
        await new Promise((resolve) => setTimeout(resolve, 10));
        expect(got.join('')).toBe(sofar);
        ready();
      }
    });

    it('tells a router which message a peer that is gone did not get', async () => {
      const { router, heard, undelivered, disconnects } = await pair();
      const dealer = create().connectDealer(address, ignore, ignore);
      dealer.send([bytes('hello')]);
      await until('known', () => heard.length === 1);
      dealer.close();
      await until('the disconnect is seen', () => disconnects() > 0);
      router.send(heard[0]?.peer as PeerKey, [bytes('too'), bytes('late')]);
      await until('it is told', () => undelivered.length > 0);
      expect(undelivered).toEqual(['gone: too,late']);
    });

    it('tells of links that come and go, and connects again', async () => {
      const links: LinkState[] = [];
      const got: string[] = [];
      const server = create();
      let publisher = await server.bindPublisher(address);
      create().connectSubscriber(
        address,
        (payload) => got.push(text(payload)),
        (state) => links.push(state),
      );
      const hears = async (word: string) => {
        const repeating = setInterval(() => publisher.publish(bytes(word)), 2);
        await until(`${word} is heard`, () => got.includes(word));
        clearInterval(repeating);
      };
      await hears('first');
      await server.close();
      await until('the link is down', () => links.at(-1) === 'down');
      publisher = await create().bindPublisher(address);
      await hears('second');
      expect(links).toEqual(['up', 'down', 'up']);
    });

    it('keeps what a dealer sends before its peer is there', async () => {
      const links: LinkState[] = [];
      const dealer = create().connectDealer(address, ignore, (state) => links.push(state));
      dealer.send([bytes('early')]);
      const { heard } = await pair();
      await until('it arrived', () => heard.length === 1);
      await until('the link is up', () => links.length > 0);
      expect(links).toEqual(['up']);
    });

    it('publishes to all, in order, and to nobody without a complaint', async () => {
      const publisher = await create().bindPublisher(address);
      publisher.publish(bytes('unheard'));
      const got: [string[], string[]] = [[], []];
      for (const mine of got) create().connectSubscriber(address, (payload) => mine.push(text(payload)), ignore);
      const repeating = setInterval(() => publisher.publish(bytes('hello?')), 2);
      await until('both listen', () => got.every((mine) => mine.length > 0));
      clearInterval(repeating);
      for (let n = 0; n < 400; n += 1) publisher.publish(bytes(String(n)));
      await until('all arrived', () => got.every((mine) => mine.at(-1) === '399'));
      for (const mine of got) {
        expect(mine.filter((word) => word !== 'hello?')).toEqual(Array.from({ length: 400 }, (_, n) => String(n)));
      }
    });

    it('answers questions one at a time, each with its own answer', async () => {
      let open = 0;
      let most = 0;
      await create().bindReplier(address, (question, answer) => {
        open += 1;
        most = Math.max(most, open);
        setImmediate(() => {
          open -= 1;
          answer(bytes(`re: ${text(question)}`));
        });
      });
      const requesters = [create().connectRequester(address), create().connectRequester(address)];
      const answers = await Promise.all(
        requesters.flatMap((requester, who) =>
          Array.from({ length: 20 }, (_, n) => requester.ask(bytes(`${who}.${n}`), LONG_MS)),
        ),
      );
      expect(answers.map(text)).toEqual(
        [0, 1].flatMap((who) => Array.from({ length: 20 }, (_, n) => `re: ${who}.${n}`)),
      );
      expect(most).toBe(1);
    });

    it('takes a late answer neither for that of the next question nor as its failure', async () => {
      const answers: (() => void)[] = [];
      await create().bindReplier(address, (question, answer) => {
        answers.push(() => answer(bytes(`re: ${text(question)}`)));
      });
      const requester = create().connectRequester(address);
      const first = requester.ask(bytes('first'), 300);
      await until('the first is asked', () => answers.length === 1);
      expect(await first).toBeUndefined();
      const second = requester.ask(bytes('second'), LONG_MS);
      answers[0]?.();
      await until('the second is asked', () => answers.length === 2);
      // The late answer has come by now, or comes while the second question waits for its own.
      await new Promise((resolve) => setTimeout(resolve, 50));
      answers[1]?.();
      expect(text(await second)).toBe('re: second');
    });

    it('asks again after a lost answer and a restart of the peer', async () => {
      const first = create();
      let asked = 0;
      await first.bindReplier(address, () => {
        asked += 1;
      });
      const requester = create().connectRequester(address);
      const lost = requester.ask(bytes('?'), 300);
      await until('it is asked', () => asked === 1);
      expect(await lost).toBeUndefined();
      await first.close();
      expect(await requester.ask(bytes('nobody there'), 50)).toBeUndefined();
      const questions: string[] = [];
      await create().bindReplier(address, (question, answer) => {
        questions.push(text(question));
        answer(bytes('!'));
      });
      expect(text(await requester.ask(bytes('anew'), LONG_MS))).toBe('!');
      expect(questions).toEqual(['anew']);
    });

    it('fails what is asked when it is closed', async () => {
      const requester = create().connectRequester(address);
      const asked = [requester.ask(bytes('a'), LONG_MS), requester.ask(bytes('b'), LONG_MS)];
      requester.close();
      expect(await Promise.all([...asked, requester.ask(bytes('c'), LONG_MS)])).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('refuses an address that is taken, and takes it once it is free', async () => {
      const first = create();
      await first.bindPublisher(address);
      const second = create();
      await expect(second.bindPublisher(address)).rejects.toMatchObject({ code: 'address-in-use', address });
      await first.close();
      await expect(second.bindPublisher(address)).resolves.toBeDefined();
    });

    it('refuses what is no address', async () => {
      await expect(create().bindPublisher('no address')).rejects.toMatchObject({ code: 'bad-address' });
    });

    it('is closed twice without harm, and says nothing afterwards', async () => {
      const said: string[] = [];
      const { router, heard } = await pair();
      const transport = create();
      const publisher = await transport.bindPublisher(await freeAddress());
      const dealer = transport.connectDealer(
        address,
        (frames) => void said.push(text(frames[0])),
        (state) => said.push(state),
      );
      dealer.send([bytes('hello')]);
      await until('known', () => heard.length === 1 && said.length === 1);
      await Promise.all([transport.close(), transport.close()]);
      dealer.close();
      dealer.send([bytes('after')]);
      publisher.publish(bytes('after'));
      sendTwice(router, heard[0]?.peer as PeerKey);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(said).toEqual(['up']);
      expect(heard).toHaveLength(1);
    });
  });
}

function sendTwice(router: Router, peer: PeerKey): void {
  router.send(peer, [bytes('anyone?')]);
  router.close();
  router.send(peer, [bytes('closed')]);
}
