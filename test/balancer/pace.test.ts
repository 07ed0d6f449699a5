/** Who says more than so much a second is not listened to for the rest of it, and is told so. */
import { DROPPED_BYTES, DROPS_BEFORE_REST, LONGEST_REST_MS, REST_MS } from '../../src/balancer/limits';
import { Pace } from '../../src/balancer/pace';
import { type FakeClient, LIMITS, World } from './world';

const { framesPerSec, framesAtOnce, frameBytes } = LIMITS;

/** How many of so many pings, all at once, are answered. */
function answered(world: World, client: FakeClient, pings: number): number {
  const pongs = () => client.told.filter(({ type }) => type === 'pong').length;
  const before = pongs();
  for (let ping = 0; ping < pings; ping += 1) world.ping(client);
  return pongs() - before;
}

describe('a client that says too much', () => {
  test('is heard as often as it may be', () => {
    const world = World.open();
    const client = world.join('alice');
    expect(answered(world, client, 3 * framesAtOnce)).toBe(framesAtOnce - 1); // It has said hello.
    world.nowMs += 500;
    expect(answered(world, client, framesPerSec)).toBe(framesPerSec / 2);
    world.nowMs += 3_600_000;
    expect(answered(world, client, 3 * framesAtOnce)).toBe(framesAtOnce);
  });

  test('is told so, once a second, and so is the log', () => {
    const world = World.open();
    const client = world.join('alice');
    const told = () => client.told.filter(({ type }) => type === 'throttled');
    for (let tenth = 0; tenth < 25; tenth += 1) {
      answered(world, client, framesAtOnce);
      world.nowMs += 100;
    }
    expect(told()).toEqual(Array(3).fill({ type: 'throttled', framesPerSec }));
    const lines = world.logs.filter((line) => line.includes('frames of clients that send more than'));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toBe(`dropped 1 frames of clients that send more than ${framesPerSec} a second`);
  });

  test('is heard less often when it says much at once', () => {
    const world = World.open();
    const client = world.join('alice');
    const payload = new Uint8Array(9 * frameBytes + 1);
    world.effects.length = 0;
    for (let frame = 0; frame < framesAtOnce; frame += 1) {
      world.fromClient(client, { type: 'data', attachment: client.attachment }, payload);
    }
    const passed = world.effects.filter(({ type }) => type === 'payloadToServer');
    expect(passed).toHaveLength(Math.floor((framesAtOnce - 1) / 10));
  });

  test('has the balancer rest now and then, and one that does not does not', () => {
    const world = World.open();
    const client = world.join('alice');
    const rests = () => world.effects.filter(({ type }) => type === 'rest').length;
    answered(world, client, framesAtOnce - 1);
    expect(rests()).toBe(0);
    answered(world, client, 10 * DROPS_BEFORE_REST);
    expect(rests()).toBe(10);
    const large = new Uint8Array(3 * DROPS_BEFORE_REST * DROPPED_BYTES);
    world.fromClient(client, { type: 'data', attachment: client.attachment }, large);
    expect(world.effects.at(-1)).toEqual({ type: 'rest', ms: 3 * REST_MS });
    world.fromClient(client, undefined, new Uint8Array(100 * DROPS_BEFORE_REST * DROPPED_BYTES));
    expect(world.effects.at(-1)).toEqual({ type: 'rest', ms: LONGEST_REST_MS });
  });

  test('costs the others nothing, and is not taken for dead', () => {
    const world = World.open();
    const [client, other] = world.joinMany(2) as [FakeClient, FakeClient];
    answered(world, client, 3 * framesAtOnce);
    expect(answered(world, other, 10)).toBe(10);
    for (let second = 0; second < 20; second += 1) {
      for (let ping = 0; ping < 2 * framesAtOnce; ping += 1) world.ping(client);
      world.pass(1000);
    }
    expect(world.info().clients).toBe(2);
  });

  test('nor does a stranger', () => {
    const world = World.open();
    const count = (peer: string, frame: Parameters<World['balancer']['onClient']>[1]) => {
      let effects = 0;
      for (let at = 0; at < 2 * framesAtOnce; at += 1) {
        const told = world.balancer.onClient(peer, frame, new Uint8Array(0), world.nowMs);
        effects += told.filter(({ type }) => type !== 'rest').length;
      }
      return effects;
    };
    const most = framesAtOnce + 2; // What it is told about it, and the log.
    expect(count('one', { type: 'data', attachment: 7 })).toBeLessThanOrEqual(most);
    world.nowMs += 5000;
    expect(count('two', undefined)).toBe(3); // Two lines of log, and a word to it.
    // It reads none of them.
    expect(count('three', { type: 'info-request' })).toBeLessThanOrEqual(LIMITS.clientQueueBytes / 256 + 2);
  });
});

test('who spoke is forgotten once its bucket would be full again, and not before', () => {
  const pace = new Pace({ framesPerSec: 10, framesAtOnce: 20, frameBytes: 100 });
  for (let peer = 0; peer < 1000; peer += 1) pace.onFrame(`peer ${peer}`, 0, 0);
  for (let frame = 0; frame < 20; frame += 1) pace.onFrame('fast', 0, 1999);
  expect(pace.onFrame('fast', 0, 1999)).toBe('tell');
  expect(pace.onFrame('fast', 0, 2000)).toBe('drop');
  expect(pace.onFrame('fast', 0, 2200)).toBe('ok');
  pace.onFrame('another', 0, 4200);
  const { fresh, old } = pace as unknown as { fresh: Map<string, unknown>; old: Map<string, unknown> };
  expect([...fresh.keys(), ...old.keys()].sort()).toEqual(['another', 'fast']);
});
