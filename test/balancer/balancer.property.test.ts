/** What holds of the balancer whatever servers and clients do, in whatever order. */
import fc from 'fast-check';
import type { BalancerEffect } from '../../src/balancer/effects';
import type { PeerKey } from '../../src/transport/transport';
import type { Attachment } from '../../src/wire/frames';
import { type FakeClient, type FakeServer, NOTHING, World } from './world';

const SERVERS = 3;

/** One thing that happens; `pick` chooses to whom, among those to whom it can. */
interface Step {
  readonly what: keyof typeof STEPS;
  readonly pick: number;
}

const STEPS = {
  join: (world: World, pick: number) => void world.join(`client ${world.clients.size}`, pick % (SERVERS + 2)),
  hello: onClient((world, client) => world.hello(client, { previous: client.server })),
  bye: onClient((world, client) => {
    world.fromClient(client, { type: 'bye', attachment: client.attachment });
    Object.assign(client, { runs: false, connected: false });
  }),
  killClient: onClient((world, client) => world.killClient(client)),
  stopClient: onClient((_, client) => {
    client.runs = false;
  }),
  goOnClient: (world: World, pick: number) => {
    const client = pickOne(
      clientsOf(world).filter(({ runs, connected }) => connected && !runs),
      pick,
    );
    if (client) resume(world, client);
  },
  send: onClient((world, client) => world.fromClient(client, { type: 'data', attachment: client.attachment })),
  deliver: onServer((world, server) => {
    const to = [...server.attached].map((attachment) => ({ attachment, number: 1 }));
    world.fromServer(server, { type: 'data', to }, NOTHING);
  }),
  detach: onServer((world, server, pick) => {
    const attachment = pickOne([...server.attached], pick);
    if (attachment === undefined) return;
    server.attached.delete(attachment);
    world.fromServer(server, { type: 'detach', attachment });
  }),
  /** Also while another one has the id: then one of the two is refused in the end. */
  startServer: (world: World, pick: number) => void world.startServer((pick % SERVERS) + 1),
  killServer: onServer((world, server) => world.kill(server)),
  stopServer: onServer((_, server) => {
    server.runs = false;
  }),
  goOnServer: (world: World, pick: number) => {
    const server = pickOne(
      world.servers.filter(({ runs, connected }) => connected && !runs),
      pick,
    );
    if (server) world.resumeServer(server);
  },
  reconnectServer: onServer((world, server, pick) => {
    server.peer = `again ${pick} ${world.effects.length}`;
    world.beat(server);
  }),
  leave: onServer((world, server) => {
    world.fromServer(server, { type: 'leaving' });
    world.kill(server);
  }),
  serves: onServer((world, server) => world.beat(server, { serving: !server.beat.serving })),
  restartBalancer: (world: World) => {
    world.restartBalancer();
    for (const client of clientsOf(world)) if (client.runs) world.hello(client, { previous: client.server });
  },
  passShort: (world: World) => world.pass(300),
  passLong: (world: World) => world.pass(4000),
  pause: (world: World) => {
    world.nowMs += 20_000;
  },
};

function onClient(act: (world: World, client: FakeClient, pick: number) => void) {
  return (world: World, pick: number) => {
    const client = pickOne(
      clientsOf(world).filter(({ runs }) => runs),
      pick,
    );
    if (client) act(world, client, pick);
  };
}

function onServer(act: (world: World, server: FakeServer, pick: number) => void) {
  return (world: World, pick: number) => {
    const server = pickOne(
      world.servers.filter(({ runs }) => runs),
      pick,
    );
    if (server) act(world, server, pick);
  };
}

function pickOne<One>(all: readonly One[], pick: number): One | undefined {
  return all[pick % all.length];
}

function clientsOf(world: World): readonly FakeClient[] {
  return [...world.clients.values()];
}

/** A stopped client goes on: it pings, and comes anew when it is told to. */
function resume(world: World, client: FakeClient): void {
  client.runs = true;
  world.ping(client);
}

/** As a client does when it is told that it is unknown. */
function comeAnew(world: World): void {
  for (const client of clientsOf(world)) {
    if (client.runs && client.told.at(-1)?.type === 'unknown') world.hello(client, { previous: 0 });
  }
}

function run(steps: readonly Step[], check: (world: World) => void = () => {}): World {
  const world = World.open({ servers: SERVERS });
  for (const { what, pick } of steps) {
    STEPS[what](world, pick);
    comeAnew(world);
    check(world);
  }
  return world;
}

/** Everybody goes on, every server is there and serves; and time passes. */
function settle(world: World): void {
  for (const client of clientsOf(world)) if (client.connected && !client.runs) resume(world, client);
  for (const server of world.servers) if (server.connected && !server.runs) world.resumeServer(server);
  for (let id = 1; id <= SERVERS; id += 1) {
    if (!world.servers.some(({ runs, beat }) => runs && beat.server === id)) world.startServer(id);
  }
  for (const server of world.servers) if (server.runs) world.beat(server, { serving: true });
  for (let second = 0; second < 15; second += 1) {
    world.pass(1000);
    comeAnew(world);
  }
}

/** The numbers of all attachments that were given out. */
function givenNumbers(effects: readonly BalancerEffect[]): readonly number[] {
  return effects.flatMap((effect) =>
    effect.type === 'toServer' && effect.frame.type === 'attach' ? [effect.frame.attachment] : [],
  );
}

/**
 * Each registered server has the attachments that the balancer thinks it has, and no client has two.
 * @returns the attachment of each client, as the balancer has it
 */
function checkServers(world: World): ReadonlyMap<PeerKey, Attachment> {
  const numbers = givenNumbers(world.effects);
  const byPeer = new Map<PeerKey, Attachment>();
  for (const server of world.servers) {
    const held = world.held(server, numbers);
    if (!held) continue;
    for (const [attachment, peer] of held) {
      expect(byPeer.has(peer)).toBe(false);
      byPeer.set(peer, attachment);
    }
    if (server.runs) expect([...server.attached].sort()).toEqual([...held.keys()].sort());
  }
  return byPeer;
}

/** A client that has an attachment was told so: nothing is sent to it under a number that it does not know. */
function checkClients(world: World): void {
  const byPeer = checkServers(world);
  for (const { runs, peer, attachment } of clientsOf(world)) {
    const given = byPeer.get(peer);
    if (runs && given !== undefined) expect(attachment).toBe(given);
  }
}

const step = fc.constantFrom(...(Object.keys(STEPS) as Step['what'][]), 'join' as const, 'join' as const);
const steps = fc.array(fc.record({ what: step, pick: fc.nat(999) }), { maxLength: 60 });

test('servers, clients and the balancer agree on who is where, at every moment', () => {
  fc.assert(
    fc.property(steps, (taken) => void run(taken, checkClients)),
    { numRuns: 150 },
  );
});

test('no number is given out twice, and each attach has its attached right behind it', () => {
  const check = ({ effects }: World) => {
    const numbers = givenNumbers(effects);
    expect(new Set(numbers).size).toBe(numbers.length);
    effects.forEach((effect, index) => {
      if (effect.type !== 'toServer' || effect.frame.type !== 'attach') return;
      const { attachment } = effect.frame;
      expect(effects[index + 1]).toMatchObject({ type: 'toClient', frame: { type: 'attached', attachment } });
    });
  };
  fc.assert(
    fc.property(steps, (taken) => check(run(taken))),
    { numRuns: 150 },
  );
});

test('whatever happened, in the end every living client is served, and nobody else is remembered', () => {
  const check = (world: World) => {
    settle(world);
    const living = clientsOf(world).filter(({ runs }) => runs);
    const byPeer = checkServers(world);
    expect(world.info()).toMatchObject({ phase: 'serving', connected: [1, 2, 3], clients: living.length });
    expect(living.map(({ peer }) => byPeer.get(peer))).toEqual(living.map(({ attachment }) => attachment));
    expect(byPeer.size).toBe(living.length);
  };
  fc.assert(
    fc.property(steps, (taken) => check(run(taken))),
    { numRuns: 150 },
  );
});

test('the same run has the same effects', () => {
  fc.assert(
    fc.property(steps, (taken) => expect(run(taken).effects).toEqual(run(taken).effects)),
    { numRuns: 50 },
  );
});

test('clients that only come are spread so that no two servers differ by more than one', () => {
  fc.assert(
    fc.property(fc.constantFrom(1, 3, 5, 7), fc.nat(60), (servers, clients) => {
      const world = World.open({ servers });
      world.joinMany(clients);
      const occupancy = world.occupancy();
      expect(Math.max(...occupancy) - Math.min(...occupancy)).toBeLessThanOrEqual(1);
      expect(occupancy.reduce((sum, count) => sum + count)).toBe(clients);
    }),
    { numRuns: 30 },
  );
});
