/** Which server a client gets, what it is told while it waits, and how its end is noticed. */
import { FIRST_RETRY_MS, LAST_RETRY_MS, PROBES_PER_TICK, RETRIES_PER_TICK } from '../../src/balancer/limits';
import { type FakeClient, LIMITS, lastOf, World } from './world';

const BYTES = Uint8Array.of(1, 2, 3);

/** What a client was told, in short. */
const types = ({ told }: FakeClient) => told.map(({ type }) => type);
const waits = ({ told }: FakeClient) =>
  told.flatMap((frame) => (frame.type === 'wait' ? [`${frame.reason} ${frame.connected} of ${frame.needed}`] : []));

describe('the assignment', () => {
  test('of thirty clients to three servers is ten each', () => {
    const world = World.open();
    world.joinMany(30);
    expect(world.occupancy()).toEqual([10, 10, 10]);
  });

  test('goes to the lowest id among equals, and to whoever has the fewest', () => {
    const world = World.open();
    const [first, second, third, fourth] = world.joinMany(4);
    expect([first, second, third, fourth].map((client) => client?.server)).toEqual([1, 2, 3, 1]);
    world.fromClient(third as FakeClient, { type: 'bye', attachment: third?.attachment ?? 0 });
    expect(world.join('fifth').server).toBe(3);
  });

  test('tells the server before the client, the same number to both', () => {
    const world = World.open();
    world.effects.length = 0;
    const { peer, attachment } = world.join('alice');
    expect(world.effects).toEqual([
      { type: 'toServer', peer: world.server(1).peer, frame: { type: 'attach', attachment } },
      { type: 'toClient', peer, frame: { type: 'attached', attachment, server: 1, reason: 'new', cluster: 'test' } },
    ]);
  });

  test('is a new one when a known client says hello again; the one before is void', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.hello(client);
    expect(client.attachment).not.toBe(attachment);
    expect(lastOf(world.server(1), 'gone')).toEqual({ type: 'gone', attachment });
    expect(world.server(1).attached).toEqual(new Set([client.attachment]));
    expect(world.info().clients).toBe(1);
  });

  test('is not chosen by the client: the server that it names is none of its business once all are back', () => {
    const world = World.open();
    world.pass(LIMITS.clientDeadAfterMs);
    for (let index = 0; index < 9; index += 1) world.join(`c${index}`, 2);
    expect(world.occupancy()).toEqual([3, 3, 3]);
  });

  test('counts on from another number in each balancer process', () => {
    const world = World.open();
    const first = world.join('alice').attachment;
    world.restartBalancer();
    world.pass(500);
    expect(Math.abs(world.join('bob').attachment - first)).toBeGreaterThan(1000);
  });
});

describe('a hello is refused', () => {
  test.each([
    ['of another version', { version: 99 }, 'this cluster speaks protocol version 1, not 99'],
    ['to another cluster', { cluster: 'other' }, 'this is cluster test, not other'],
  ])('%s', (_, fields, reason) => {
    const world = World.open();
    const client = world.join('alice');
    world.hello(client, fields);
    expect(client.told.at(-1)).toEqual({ type: 'refused', reason });
  });

  test('when there are as many clients as may be, until one of them leaves', () => {
    const world = World.open({ limits: { clients: 2 } });
    const [first] = world.joinMany(2);
    const third = world.join('third');
    expect(third.told).toEqual([{ type: 'refused', reason: 'the cluster is full: 2 clients' }]);
    world.hello(first as FakeClient);
    expect(first?.told.at(-1)?.type).toBe('attached');
    world.fromClient(first as FakeClient, { type: 'bye', attachment: 0 });
    world.hello(third);
    expect(third.told.at(-1)?.type).toBe('attached');
  });

  test('but not to a cluster whose name the client does not know', () => {
    const world = World.open();
    const client = world.join('alice');
    world.hello(client, { cluster: '' });
    expect(lastOf(client, 'attached')?.cluster).toBe('test');
  });
});

describe('before the cluster is open', () => {
  test('a client is told how many servers are connected, at once and whenever that changes', () => {
    const world = new World();
    const client = world.join('alice');
    world.startServer(1);
    world.startServer(2);
    world.pass(500);
    world.killServer(2);
    world.pass(500);
    expect(waits(client)).toEqual(['starting 0 of 3', 'starting 1 of 3', 'starting 2 of 3', 'starting 1 of 3']);
    world.startServer(2);
    world.startServer(3);
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 1, reason: 'new' });
  });

  test('the first start waits for all servers, and until all can serve', () => {
    const world = new World();
    const client = world.join('alice');
    for (const id of [1, 2, 3]) world.startServer(id, { serving: false, established: false, majority: false });
    world.pass(60_000);
    expect(waits(client).at(-1)).toBe('starting 3 of 3');
    expect(world.info()).toMatchObject({ phase: 'starting', connected: [1, 2, 3] });
    world.beat(world.server(1), { serving: true });
    world.beat(world.server(2), { serving: true });
    expect(client.server).toBe(0);
    world.beat(world.server(3), { serving: true });
    expect(client.server).toBe(1);
    expect(world.info()).toMatchObject({ phase: 'serving', clients: 1, pid: 7, uptimeMs: 60_000 });
  });

  test('two of three new servers are never enough', () => {
    const world = new World();
    const client = world.join('alice');
    world.startServer(1, { established: false });
    world.startServer(2, { established: false });
    world.pass(60_000);
    expect(client.server).toBe(0);
  });

  test('a majority of a cluster that has served before is enough after a moment', () => {
    const world = new World();
    const client = world.join('alice');
    world.startServer(1);
    world.startServer(3);
    world.pass(LIMITS.deadAfterMs - 300);
    expect(waits(client).at(-1)).toBe('starting 2 of 3');
    world.pass(600);
    expect(client.server).toBe(1);
  });

  test('one that was never served waits evenly: whoever came before it opened is spread too', () => {
    const world = new World();
    world.joinMany(30);
    for (const id of [1, 2, 3]) world.startServer(id);
    expect(world.occupancy()).toEqual([10, 10, 10]);
  });
});

describe('while nobody serves', () => {
  test('a client is told whether that is for want of a majority', () => {
    const world = World.open();
    for (const id of [1, 2, 3]) world.beat(world.server(id), { serving: false });
    const client = world.join('alice');
    for (const id of [1, 2, 3]) world.beat(world.server(id), { majority: false });
    world.killServer(1);
    world.killServer(2);
    world.beat(world.server(3), { majority: true }); // It has not noticed yet.
    expect(waits(client)).toEqual([
      'no-server 3 of 2',
      'no-majority 3 of 2',
      'no-majority 2 of 2',
      'no-majority 1 of 2',
    ]);
    expect(world.info().phase).toBe('waiting');
  });

  test('its pings are answered, and it stays known', () => {
    const world = new World();
    const client = world.join('alice');
    world.pass(3 * LIMITS.clientDeadAfterMs);
    expect(types(client)).not.toContain('unknown');
    expect(client.told.at(-1)).toEqual({ type: 'pong' });
  });
});

describe('payloads', () => {
  test('go to the server of the attachment, unread', () => {
    const world = World.open();
    const client = world.join('alice');
    world.effects.length = 0;
    const { attachment } = client;
    world.fromClient(client, { type: 'data', attachment }, BYTES);
    expect(world.effects).toEqual([
      { type: 'payloadToServer', peer: world.server(1).peer, attachment, payload: BYTES },
    ]);
    const [effect] = world.effects;
    expect(effect?.type === 'payloadToServer' && effect.payload).toBe(BYTES);
  });

  test('go once to all whom they are for, each with its own number', () => {
    const world = World.open({ servers: 1 });
    const [first, second] = world.joinMany(2) as [FakeClient, FakeClient];
    world.effects.length = 0;
    const to = [first, second].map(({ attachment }, index) => ({ attachment, number: 7 + index }));
    world.fromServer(world.server(1), { type: 'data', to }, BYTES);
    expect(world.effects).toEqual([
      {
        type: 'payloadToClients',
        to: [
          { peer: first.peer, addressee: to[0] },
          { peer: second.peer, addressee: to[1] },
        ],
        payload: BYTES,
      },
    ]);
  });

  test('of an attachment that is over are dropped: the client has heard, or hears, of its next one', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.hello(client);
    world.effects.length = 0;
    world.fromClient(client, { type: 'data', attachment }, BYTES);
    expect(world.effects).toEqual([]);
  });

  test('of a client that is not known are answered so', () => {
    const world = World.open();
    const client = world.join('alice');
    world.fromClient(client, { type: 'bye', attachment: client.attachment });
    world.fromClient(client, { type: 'data', attachment: client.attachment }, BYTES);
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });

  test('for an attachment that is over reach nobody, and the server is told', () => {
    const world = World.open();
    const client = world.join('alice');
    const [one, two] = [world.server(1), world.server(2)];
    const { attachment } = client;
    world.effects.length = 0;
    world.fromServer(two, { type: 'data', to: [{ attachment, number: 1 }] }, BYTES); // Another server's client.
    world.fromServer(one, { type: 'data', to: [{ attachment: attachment + 9, number: 1 }] }, BYTES);
    expect(world.effects).toEqual([
      { type: 'toServer', peer: two.peer, frame: { type: 'gone', attachment } },
      { type: 'toServer', peer: one.peer, frame: { type: 'gone', attachment: attachment + 9 } },
    ]);
  });

  test('of a server that has not registered reach nobody', () => {
    const world = World.open();
    const { attachment } = world.join('alice');
    const to = [{ attachment, number: 1 }];
    expect(world.balancer.onServer('a stranger', { type: 'data', to }, BYTES, 0)).toEqual([]);
    expect(world.balancer.onServer('a stranger', { type: 'leaving' }, BYTES, 0)).toEqual([]);
    expect(world.balancer.onServer('a stranger', { type: 'detach', attachment }, BYTES, 0)).toEqual([]);
  });
});

describe('the end of a client', () => {
  test('by its word frees its attachment', () => {
    const world = World.open();
    const client = world.join('alice');
    world.fromClient(client, { type: 'bye', attachment: client.attachment });
    expect(world.server(1).attached.size).toBe(0);
    expect(world.info().clients).toBe(0);
  });

  test('by its silence is noticed, and when it speaks again it is told to come anew', () => {
    const world = World.open();
    const client = world.join('alice');
    client.runs = false;
    world.pass(LIMITS.clientDeadAfterMs);
    expect(world.info().clients).toBe(1);
    world.pass(200);
    expect(world.info().clients).toBe(0);
    expect(world.server(1).attached.size).toBe(0);
    client.runs = true;
    world.ping(client);
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });

  test('by its closed connection is noticed at the next tick', () => {
    const world = World.open();
    const [killed, ...others] = world.joinMany(9) as [FakeClient, ...FakeClient[]];
    world.killClient(killed);
    expect(world.info().clients).toBe(9);
    world.tick();
    expect(world.info().clients).toBe(8);
    expect(world.server(killed.server).attached.size).toBe(2);
    // The others hear something that means nothing to them, once.
    expect(others.every((client) => types(client).join() === 'attached,pong')).toBe(true);
    world.effects.length = 0;
    world.tick();
    expect(world.effects).toEqual([]);
  });

  test('is looked for in as many clients a tick as are allowed, each once', () => {
    const count = 2 * PROBES_PER_TICK + 5;
    const world = World.open({ limits: { clients: count } });
    const clients = world.joinMany(count);
    const probed = () => world.effects.flatMap((effect) => (effect.type === 'toClient' ? [effect.peer] : []));
    world.killClient(clients.at(-1) as FakeClient);
    const seen: string[] = [];
    for (const expected of [PROBES_PER_TICK, PROBES_PER_TICK, 5, 0]) {
      world.effects.length = 0;
      world.tick();
      expect(probed()).toHaveLength(expected);
      seen.push(...probed());
    }
    expect(new Set(seen).size).toBe(count);
    expect(world.info().clients).toBe(count - 1);
    // And once more when somebody else closes.
    world.killClient(clients[0] as FakeClient);
    world.tick();
    expect(world.info().clients).toBe(count - 2);
  });

  test('is not looked for in those who have left by themselves', () => {
    const world = World.open();
    const [first, second, third] = world.joinMany(3) as [FakeClient, FakeClient, FakeClient];
    world.killClient(first);
    for (const client of [first, second]) world.fromClient(client, { type: 'bye', attachment: 0 });
    for (const expected of [[third.peer], []]) {
      world.effects.length = 0;
      world.tick();
      expect(world.effects.map((effect) => effect.type === 'toClient' && effect.peer)).toEqual(expected);
    }
  });

  test('is found in a bounded time however many others close and come meanwhile', () => {
    const count = 3 * PROBES_PER_TICK;
    const world = World.open({ limits: { clients: 2 * count } });
    const clients = world.joinMany(count);
    world.killClient(clients.at(-1) as FakeClient);
    for (let tick = 0; tick < 3; tick += 1) {
      const visitor = world.join(`visitor ${tick}`);
      world.killClient(visitor);
      world.tick();
    }
    expect(
      world.balancer.onClient((clients.at(-1) as FakeClient).peer, { type: 'ping', attachment: 1 }, BYTES, 0),
    ).toEqual([expect.objectContaining({ frame: { type: 'unknown' } })]);
  });

  test('on the server only makes the client come anew', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.fromServer(world.server(2), { type: 'detach', attachment }); // Not its server.
    expect(client.attachment).toBe(attachment);
    world.effects.length = 0;
    world.fromServer(world.server(1), { type: 'detach', attachment });
    expect(world.effects).toEqual([{ type: 'toClient', peer: client.peer, frame: { type: 'unknown' } }]);
    world.hello(client);
    expect(client.attachment).not.toBe(0);
    expect(world.info().clients).toBe(1);
  });

  test('of its attachment is told to one that pings for it', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    world.ping(client);
    expect(client.told.at(-1)).toEqual({ type: 'pong' });
    world.hello(client);
    world.fromClient(client, { type: 'ping', attachment });
    expect(client.told.at(-1)).toEqual({ type: 'unknown' });
  });
});

describe('a client that does not read', () => {
  const stall = (world: World, client: FakeClient) => {
    client.runs = false;
    world.fromServer(
      world.server(client.server),
      { type: 'data', to: [{ attachment: client.attachment, number: 1 }] },
      BYTES,
    );
  };
  const attempts = (world: World, { peer }: FakeClient) =>
    world.effects.filter((effect) => effect.type === 'toClient' && effect.peer === peer).length;

  test('loses its attachment, and nothing more is queued for it', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    stall(world, client);
    expect(world.server(1).attached.size).toBe(0);
    world.effects.length = 0;
    world.fromServer(world.server(1), { type: 'data', to: [{ attachment, number: 2 }] }, BYTES);
    world.ping(client);
    expect(world.effects.map(({ type }) => type)).toEqual(['toServer']); // Told again that it is gone.
    expect(world.info().clients).toBe(1);
  });

  test('gets a fresh attachment on its server once it can be written to again', () => {
    const world = World.open();
    world.join('somebody');
    const client = world.join('alice');
    const { attachment } = client;
    stall(world, client);
    world.join('in its place');
    world.pass(FIRST_RETRY_MS);
    client.runs = true;
    world.pass(1000);
    expect(client.told.at(-1)?.type).toBe('pong');
    expect(lastOf(client, 'attached')).toMatchObject({ server: 2, reason: 'lagged' });
    expect(client.attachment).not.toBe(attachment);
    expect(world.server(2).attached.has(client.attachment)).toBe(true);
  });

  test('gets another server when its own died meanwhile', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.killServer(1);
    client.runs = true;
    world.pass(1000);
    expect(lastOf(client, 'attached')).toMatchObject({ server: 2, reason: 'lagged' });
    // What happened once is not said of the next attachment.
    world.killServer(2);
    expect(lastOf(client, 'attached')).toMatchObject({ server: 3, reason: 'moved' });
  });

  test('gets another server when its own cannot serve', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.beat(world.server(1), { serving: false });
    client.runs = true;
    world.pass(1000);
    expect(client.server).toBe(2);
  });

  test('is not bound to its server by that: the next hello is as any other', () => {
    const world = World.open();
    const [client, , third] = world.joinMany(4) as [FakeClient, FakeClient, FakeClient];
    stall(world, client);
    client.runs = true;
    world.pass(1000);
    expect(client.server).toBe(1);
    world.fromClient(third, { type: 'bye', attachment: 0 });
    world.hello(client);
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 3, reason: 'moved' });
  });

  test('is left alone while it waits for a server, too', () => {
    const world = new World({ limits: { clientDeadAfterMs: 10 ** 9 } });
    const client = world.join('alice');
    client.runs = false;
    world.startServer(1); // What it is told now cannot be written.
    world.effects.length = 0;
    world.startServer(2);
    expect(attempts(world, client)).toBe(0);
    for (let second = 0; second < 60; second += 1) {
      world.pass(1000);
      world.ping(client); // It has not read what it was told, but has no attachment all the same.
    }
    expect(attempts(world, client)).toBeLessThan(20);
  });

  test('is tried again ever more rarely, until it is seen to read', () => {
    const world = World.open({ limits: { clientDeadAfterMs: 10 ** 9 } });
    const client = world.join('alice');
    stall(world, client);
    // All that was on its way is told to be undelivered, one by one: that is one stall.
    for (let time = 0; time < 9; time += 1) {
      world.perform(world.balancer.onUndelivered('client', client.peer, 'full', world.nowMs));
    }
    const triedWithin = (ms: number) => {
      world.effects.length = 0;
      world.pass(ms);
      return attempts(world, client);
    };
    // After 100, 300, 700, 1500, 3100, 6300 ms, and from then on every 6.4 s.
    expect(triedWithin(1000)).toBe(3);
    expect(triedWithin(6000)).toBe(3);
    expect(triedWithin(10 * LAST_RETRY_MS)).toBe(10);
    client.runs = true;
    world.pass(LAST_RETRY_MS);
    expect(lastOf(client, 'attached')?.reason).toBe('lagged');
    world.pass(1000); // It pings with the new attachment: it has read.
    stall(world, client);
    expect(triedWithin(1000)).toBe(3);
  });

  test('is one of so many that are tried in a tick, and all of them are', () => {
    const count = 2 * RETRIES_PER_TICK + 1;
    const world = World.open({ limits: { clients: count } });
    const clients = world.joinMany(count);
    for (const client of clients) stall(world, client);
    const tried: number[] = [];
    world.nowMs += 50;
    for (let tick = 0; tick < 4; tick += 1) {
      world.nowMs += 50;
      world.effects.length = 0;
      world.tick();
      tried.push(clients.filter((client) => attempts(world, client) > 0).length);
    }
    expect(tried).toEqual([RETRIES_PER_TICK, RETRIES_PER_TICK, 1, 0]);
  });

  test('is forgotten when it goes, stalled as it is', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.killClient(client);
    world.pass(FIRST_RETRY_MS);
    expect(world.info().clients).toBe(0);
    world.effects.length = 0;
    world.pass(2 * LAST_RETRY_MS);
    expect(attempts(world, client)).toBe(0);
  });

  test('that says hello is tried at once', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    client.runs = true;
    world.hello(client);
    expect(client.told.at(-1)).toMatchObject({ type: 'attached', server: 1, reason: 'lagged' });
    const { attachment } = client;
    world.pass(1000);
    expect(client.attachment).toBe(attachment);
  });

  test('that says goodbye is not tried again', () => {
    const world = World.open();
    const client = world.join('alice');
    stall(world, client);
    world.fromClient(client, { type: 'bye', attachment: 0 });
    world.effects.length = 0;
    world.pass(2 * LAST_RETRY_MS);
    expect(world.effects.filter(({ type }) => type === 'toClient')).toEqual([]);
    expect(world.server(1).attached.size).toBe(0);
  });
});

describe('a balancer that restarted', () => {
  const restarted = () => {
    const world = World.open();
    const clients = world.joinMany(30);
    world.fromClient(clients[0] as FakeClient, { type: 'bye', attachment: 0 });
    world.pass(1000);
    const before = clients.map(({ server }) => server);
    world.restartBalancer();
    return { world, clients: clients.slice(1), before: before.slice(1) };
  };
  const helloAll = (world: World, clients: readonly FakeClient[]) => {
    for (const client of clients) world.hello(client, { previous: client.server });
  };

  test.each(['before', 'after'])('leaves everyone where it was, when the clients are back %s the servers', (order) => {
    const { world, clients, before } = restarted();
    if (order === 'before') helloAll(world, [...clients].reverse());
    // Told to wait, a client is on no server; the balancer remembers which one it named.
    world.pass(300);
    if (order === 'after') helloAll(world, [...clients].reverse());
    expect(clients.map(({ server }) => server)).toEqual(before);
    expect(clients.every((client) => lastOf(client, 'attached')?.reason === 'balancer-restarted')).toBe(true);
    world.pass(3000);
    for (const id of [1, 2, 3]) {
      const attachments = clients.filter(({ server }) => server === id).map(({ attachment }) => attachment);
      expect(world.server(id).attached).toEqual(new Set(attachments));
    }
  });

  test('goes on with a majority; the clients of the one that is dead go to the others', () => {
    const { world, clients, before } = restarted();
    Object.assign(world.server(3), { runs: false, connected: false });
    helloAll(world, clients);
    expect(clients.every(({ server }) => server === 0)).toBe(true);
    world.pass(LIMITS.deadAfterMs + 300);
    clients.forEach((client, index) => {
      const reason = before[index] === 3 ? 'moved' : 'balancer-restarted';
      expect(lastOf(client, 'attached')?.reason).toBe(reason);
      if (before[index] !== 3) expect(client.server).toBe(before[index]);
    });
    expect(world.occupancy().slice(0, 2).toSorted()).toEqual([14, 15]);
  });

  test('tells a server that it is another one before it attaches anyone there', () => {
    const { world, clients } = restarted();
    const late = world.server(3);
    late.runs = false;
    world.pass(LIMITS.deadAfterMs + 300);
    for (const id of [1, 2]) world.beat(world.server(id), { serving: false });
    helloAll(world, clients);
    late.runs = true;
    world.beat(late);
    expect(late.attached.size).toBe(29);
  });

  test('takes clients that lost their connections while it was stopped back to their servers', () => {
    const world = World.open();
    const clients = world.joinMany(6);
    world.pass(LIMITS.clientDeadAfterMs + 1000);
    world.nowMs += 8000;
    const back = clients.toReversed().map((client) => world.join(`${client.name} again`, client.server));
    expect(back.map(({ server }) => server)).toEqual([3, 2, 1, 3, 2, 1]);
  });
});
