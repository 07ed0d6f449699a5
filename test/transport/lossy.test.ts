import { seededRandom } from '../../src/lib/prng';
import { type LossPolicy, lossyTransport } from './lossy';
import { MemoryNetwork } from './memory';
import { bytes, text, until } from './until';

const ADDRESS = 'tcp://memory:1';

/** What a subscriber hears of 1,000 numbers, the end of which always passes. */
async function hearing(policy: Omit<LossPolicy, 'random'>, seed: number) {
  const network = new MemoryNetwork();
  const publisher = await network.transport().bindPublisher(ADDRESS);
  const lossy = lossyTransport(network.transport(), { ...policy, random: seededRandom(seed) });
  const got: number[] = [];
  let isUp = false;
  lossy.connectSubscriber(
    ADDRESS,
    (payload) => got.push(Number(text(payload))),
    (state) => {
      isUp = state === 'up';
    },
  );
  await until('up', () => isUp);
  for (let n = 0; n < 1000; n += 1) publisher.publish(bytes(String(n)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  await new Promise((resolve) => setImmediate(resolve));
  return { got, lost: lossy.lost };
}

describe('the lossy transport', () => {
  it('loses its share, and says how many', async () => {
    const { got, lost } = await hearing({ loss: 0.3, reorder: 0, late: 1 }, 7);
    expect(got).toHaveLength(1000 - lost);
    expect(lost).toBeGreaterThan(200);
    expect(lost).toBeLessThan(400);
    expect(got).toEqual([...got].sort((a, b) => a - b));
  });

  it('reorders its share, and no further than it may', async () => {
    const { got, lost } = await hearing({ loss: 0, reorder: 0.2, late: 5 }, 7);
    expect(lost).toBe(0);
    expect(got).not.toEqual([...got].sort((a, b) => a - b));
    // The last ones may still be held back, waiting for others to pass.
    expect(got.length).toBeGreaterThan(990);
    expect(new Set(got).size).toBe(got.length);
  });

  it('does the same again for the same seed', async () => {
    const policy = { loss: 0.1, reorder: 0.1, late: 3 };
    const [once, again, other] = [await hearing(policy, 1), await hearing(policy, 1), await hearing(policy, 2)];
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
  });

  it('cuts what goes to and comes from an address, and mends it', async () => {
    const network = new MemoryNetwork();
    const heard: string[] = [];
    await network.transport().bindRouter(ADDRESS, {
      onMessage: (_, [frame]) => void heard.push(text(frame)),
      onUndelivered: () => {},
      onDisconnect: () => {},
    });
    const asked = 'tcp://memory:2';
    await network.transport().bindReplier(asked, (question, answer) => answer(question));
    const lossy = lossyTransport(network.transport(), { random: seededRandom(1), loss: 0, reorder: 0, late: 1 });
    const dealer = lossy.connectDealer(
      ADDRESS,
      () => {},
      () => {},
    );
    const requester = lossy.connectRequester(asked);
    for (const address of [ADDRESS, asked]) lossy.cut(address);
    dealer.send([bytes('cut')]);
    expect(await requester.ask(bytes('cut'), 10)).toBeUndefined();
    for (const address of [ADDRESS, asked]) lossy.mend(address);
    dealer.send([bytes('mended')]);
    expect(text(await requester.ask(bytes('mended'), 20_000))).toBe('mended');
    await until('it is heard', () => heard.length > 0);
    expect(heard).toEqual(['mended']);
  });
});
