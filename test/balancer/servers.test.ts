/** Who is admitted as a server, who is refused, and who is dead. */
import { REFUSAL_WORDS, type RefuseReason } from '../../src/wire/frames';
import { type Beat, type FakeClient, type FakeServer, LIMITS, lastOf, World } from './world';

const refusal = (server: FakeServer) => lastOf(server, 'refused')?.reason;
const connected = (world: World) => world.info().connected;

describe('registration', () => {
  test.each<[string, number, Partial<Beat>, RefuseReason]>([
    ['an id that is not in the configuration', 4, {}, 'unknown-server'],
    ['another cluster', 1, { cluster: 'other' }, 'other-cluster'],
    ['another version', 1, { version: 99 }, 'other-version'],
  ])('refuses %s, with the reason', (_, id, beat, reason) => {
    const world = new World();
    const server = world.startServer(id, beat);
    expect(refusal(server)).toBe(reason);
    expect(connected(world)).toEqual([]);
    expect(world.logs).toEqual([`refused a server that says it is ${id}: ${REFUSAL_WORDS[reason]}`]);
  });

  test('answers each beat with how many are connected and needed', () => {
    const world = new World();
    const first = world.startServer(1);
    expect(lastOf(first, 'beat')).toMatchObject({ connected: 1, needed: 3 });
    world.startServer(2);
    world.beat(first);
    expect(lastOf(first, 'beat')).toMatchObject({ connected: 2, needed: 3 });
    world.startServer(3);
    world.beat(first);
    expect(lastOf(first, 'beat')).toMatchObject({ connected: 3, needed: 2 });
  });

  test('refuses a second one with the id of a living one, which goes on undisturbed', () => {
    const world = World.open();
    const holder = world.server(1);
    const clients = world.joinMany(3);
    world.pass(1000);
    const second = world.startServer(1);
    expect(refusal(second)).toBeUndefined(); // The holder may be dead: it is asked first.
    world.pass(400);
    expect(refusal(second)).toBe('duplicate-server');
    world.effects.length = 0;
    world.pass(1000);
    expect(world.effects.filter((effect) => effect.type === 'toServer' && effect.peer === second.peer)).toEqual([]);
    expect(refusal(holder)).toBeUndefined();
    expect(clients.map(({ server }) => server)).toEqual([1, 2, 3]);
    expect(holder.attached).toEqual(new Set([clients[0]?.attachment]));
    expect(second.attached.size).toBe(0);
  });

  test('refuses it even when it beats just before each beat of the holder', () => {
    const world = World.open();
    const second = world.startServer(1);
    for (let time = 0; time < 8; time += 1) {
      if (second.runs) world.beat(second);
      world.pass(50);
    }
    expect(refusal(second)).toBe('duplicate-server');
  });

  test('takes one that was killed and came back at once, before anybody noticed its death', () => {
    const world = World.open();
    const clients = world.joinMany(3);
    const killed = world.server(1);
    killed.connected = false;
    killed.runs = false;
    const restarted = world.startServer(1, { serving: false });
    expect(refusal(restarted)).toBeUndefined();
    expect(connected(world)).toEqual([1, 2, 3]);
    expect(clients.map(({ server }) => server)).toEqual([2, 2, 3]);
    world.pass(2000);
    expect(refusal(restarted)).toBeUndefined();
    expect(lastOf(restarted, 'beat')).toBeDefined();
  });

  test('takes it also when beats of the killed one are read after its own', () => {
    const world = World.open();
    const killed = world.server(1);
    killed.connected = false;
    killed.runs = false;
    // That the killed one is gone is known a moment later than what it had said is read.
    const { peer } = killed;
    const told = world.balancer.onServer(
      'new peer',
      { type: 'beat', ...killed.beat, instance: 'f'.repeat(16) },
      new Uint8Array(0),
      0,
    );
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'toServer', peer, frame: expect.objectContaining({ type: 'beat' }) }),
    );
    const late = world.balancer.onServer(peer, { type: 'beat', ...killed.beat }, new Uint8Array(0), 1);
    expect(late).not.toContainEqual(expect.objectContaining({ peer: 'new peer' }));
    const gone = world.balancer.onUndelivered('server', peer, 'gone', 2);
    expect(gone).toContainEqual({
      type: 'toServer',
      peer: 'new peer',
      frame: expect.objectContaining({ type: 'beat' }),
    });
  });

  test('takes one whose predecessor has hung, once that is dead by its silence', () => {
    const world = World.open();
    world.server(1).runs = false; // Stopped: its connection stays.
    world.pass(500);
    const successor = world.startServer(1);
    world.pass(500);
    expect(lastOf(successor, 'beat')).toBeUndefined();
    world.pass(1000);
    expect(refusal(successor)).toBeUndefined();
    expect(lastOf(successor, 'beat')).toBeDefined();
    expect(connected(world)).toEqual([1, 2, 3]);
  });

  test('knows one that reconnects by its instance, and leaves it its clients', () => {
    const world = World.open();
    const [client] = world.joinMany(3);
    const server = world.server(1);
    const before = server.peer;
    server.peer = 'another connection';
    world.beat(server);
    // What it said over the connection before is older than that.
    world.perform(
      world.balancer.onServer(before, { type: 'beat', ...server.beat, serving: false }, new Uint8Array(0), 1),
    );
    world.perform(world.balancer.onUndelivered('server', before, 'gone', 1));
    expect(client?.server).toBe(1);
    expect(server.attached).toEqual(new Set([client?.attachment]));
    world.joinMany(1, 'next');
    expect(server.attached.size).toBe(2);
  });

  test('logs refusals once a second at most', () => {
    const world = new World();
    for (let index = 0; index < 10; index += 1) world.startServer(9);
    expect(world.logs).toHaveLength(1);
    world.nowMs += 1000;
    world.startServer(9);
    expect(world.logs[1]).toContain('(and 9 more before)');
  });
});

describe('the death of a server', () => {
  const sixOn = (world: World) => {
    const clients = world.joinMany(6);
    expect(world.occupancy()).toEqual([2, 2, 2]);
    return clients;
  };

  test('moves its clients at once when its connection closes', () => {
    const world = World.open();
    const clients = sixOn(world);
    world.killServer(2);
    expect(world.occupancy()).toEqual([3, 0, 3]);
    expect(clients.map((client) => lastOf(client, 'attached')?.reason)).toEqual([
      'new',
      'lost',
      'new',
      'new',
      'lost',
      'new',
    ]);
    expect(world.logs).toContain('server 2 closed its connection');
  });

  test('is seen at the next tick when the close was told before the socket knew of it', () => {
    const world = World.open();
    sixOn(world);
    world.perform(world.balancer.onDisconnect('server'));
    Object.assign(world.server(2), { runs: false, connected: false });
    expect(world.occupancy()).toEqual([2, 2, 2]);
    world.tick();
    expect(world.occupancy()).toEqual([3, 0, 3]);
    world.effects.length = 0;
    world.tick();
    expect(world.effects).toEqual([]);
  });

  test('is seen by its silence, and not before, and its clients are told how long that was', () => {
    const world = World.open();
    const clients = sixOn(world);
    world.pass(1000);
    world.server(2).runs = false;
    world.pass(LIMITS.deadAfterMs);
    expect(world.occupancy()).toEqual([2, 2, 2]);
    world.pass(300);
    expect(world.occupancy()).toEqual([3, 0, 3]);
    const { reason, unservedMs = 0 } = lastOf(clients[1] as FakeClient, 'attached') ?? {};
    expect(reason).toBe('lost');
    expect(unservedMs).toBe(LIMITS.deadAfterMs + 100);
    expect(connected(world)).toEqual([1, 3]);
  });

  test('moves its clients when it says that it leaves', () => {
    const world = World.open();
    const clients = sixOn(world);
    world.fromServer(world.server(2), { type: 'leaving' });
    expect(world.occupancy()).toEqual([3, 0, 3]);
    expect(lastOf(clients[1] as FakeClient, 'attached')).toMatchObject({ reason: 'left', unservedMs: 0 });
  });

  test('spreads its clients evenly over the others', () => {
    const world = World.open({ servers: 5 });
    world.joinMany(40);
    world.killServer(1);
    expect(world.occupancy()).toEqual([0, 10, 10, 10, 10]);
  });

  test('makes it the one where new clients go first when it is back', () => {
    const world = World.open();
    world.joinMany(30);
    expect(world.occupancy()).toEqual([10, 10, 10]);
    world.killServer(2);
    expect(world.occupancy()).toEqual([15, 0, 15]);
    world.startServer(2);
    const fresh = world.joinMany(10, 'new');
    expect(fresh.every(({ server }) => server === 2)).toBe(true);
    expect(world.occupancy()).toEqual([15, 10, 15]);
  });

  test('tells its clients to wait when no other serves, and gives them the first that does', () => {
    const world = World.open();
    world.beat(world.server(2), { serving: false });
    world.beat(world.server(3), { serving: false });
    const client = world.join('alice');
    expect(client.server).toBe(1);
    world.killServer(1);
    expect(client.told.at(-1)).toEqual({ type: 'wait', reason: 'no-server', connected: 2, needed: 2 });
    expect(client.told.filter(({ type }) => type === 'wait')).toHaveLength(1);
    world.beat(world.server(3), { serving: true });
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 3, reason: 'lost' });
  });

  test('taken for dead, a server that comes back has none of the clients that went elsewhere', () => {
    const world = World.open();
    sixOn(world);
    const hung = world.server(2);
    hung.runs = false;
    world.pass(2000);
    expect(world.occupancy()).toEqual([3, 0, 3]);
    expect(hung.attached.size).toBe(2);
    world.resumeServer(hung);
    expect(connected(world)).toEqual([1, 2, 3]);
    expect(hung.attached.size).toBe(0);
    // Whom it gets from now on it keeps.
    const fresh = world.join('fresh');
    world.pass(1000);
    expect(hung.attached).toEqual(new Set([fresh.attachment]));
  });

  test('is not concluded from a pause of the balancer itself', () => {
    const world = World.open();
    const clients = sixOn(world);
    world.nowMs += 60_000;
    world.tick();
    expect(world.occupancy()).toEqual([2, 2, 2]);
    world.pass(5000);
    expect(world.occupancy()).toEqual([2, 2, 2]);
    expect(clients.every(({ told }) => told.filter(({ type }) => type === 'attached').length === 1)).toBe(true);
    // Who stays silent after it is dead all the same.
    world.server(2).runs = false;
    world.pass(2000);
    expect(world.occupancy()).toEqual([3, 0, 3]);
  });

  test('is not concluded from a full pipe', () => {
    const world = World.open();
    sixOn(world);
    world.perform(world.balancer.onUndelivered('server', world.server(2).peer, 'full', world.nowMs));
    expect(world.occupancy()).toEqual([2, 2, 2]);
  });
});

describe('a server that cannot serve', () => {
  test('keeps its clients for a while, then they go to one that can', () => {
    const world = World.open();
    const clients = world.joinMany(3);
    const idle = world.server(1);
    world.beat(idle, { serving: false });
    world.pass(LIMITS.drainAfterMs);
    expect(clients[0]?.server).toBe(1);
    world.pass(200);
    const why = { reason: 'cannot-serve', unservedMs: LIMITS.drainAfterMs + 100 };
    expect(clients[0]?.told.at(-1)).toMatchObject({ type: 'attached', server: 2, ...why });
    expect(idle.attached.size).toBe(0); // It was told.
  });

  test('keeps them when it can again in time', () => {
    const world = World.open();
    const clients = world.joinMany(3);
    for (const serving of [false, true, false]) {
      world.beat(world.server(1), { serving });
      world.pass(1500);
    }
    expect(clients[0]?.server).toBe(1);
  });

  test('keeps them over a pause of the balancer itself, which did not hear that it can again', () => {
    const world = World.open();
    const clients = world.joinMany(3);
    world.beat(world.server(1), { serving: false });
    world.pass(1000);
    world.nowMs += 60_000;
    world.tick();
    expect(clients[0]?.server).toBe(1);
  });

  test('keeps them as long as no other can', () => {
    const world = World.open();
    const clients = world.joinMany(3);
    for (const id of [1, 2, 3]) world.beat(world.server(id), { serving: false });
    world.pass(10_000);
    expect(clients.map(({ server }) => server)).toEqual([1, 2, 3]);
    world.beat(world.server(2), { serving: true });
    world.pass(200);
    expect(world.occupancy()).toEqual([0, 3, 0]);
  });

  test('gets no new clients', () => {
    const world = World.open();
    world.beat(world.server(1), { serving: false });
    world.joinMany(4);
    expect(world.occupancy()).toEqual([0, 2, 2]);
  });
});

test('frames that cannot be read are counted, and logged once a second at most', () => {
  const world = World.open();
  world.logs.length = 0;
  for (let index = 0; index < 5; index += 1) world.fromServer(world.server(1), undefined);
  world.fromClient(world.join('alice'), undefined);
  world.nowMs += 1000;
  world.fromServer(world.server(1), undefined);
  expect(world.logs).toEqual([
    'dropped an undecodable frame of a server',
    'dropped an undecodable frame of a server (and 5 more before)',
  ]);
});
