/** Which server a client gets, and what it is told while it waits for one. */
import { PROTOCOL_VERSION } from '../../src/wire/frames';
import { type FakeClient, LIMITS, lastOf, World } from './world';

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
    const fresh = { reason: 'new', unservedMs: 0, cluster: 'test' };
    expect(world.effects).toEqual([
      { type: 'toServer', peer: world.server(1).peer, frame: { type: 'attach', attachment } },
      { type: 'toClient', peer, frame: { type: 'attached', attachment, server: 1, ...fresh } },
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

  test('stays on its server then, also where that has more than others', () => {
    const world = World.open();
    const [first, second, third, fourth] = world.joinMany(4) as [FakeClient, FakeClient, FakeClient, FakeClient];
    for (const client of [second, third]) world.fromClient(client, { type: 'bye', attachment: 0 });
    world.hello(fourth, { previous: 1 });
    expect(fourth.told.at(-1)).toMatchObject({ type: 'attached', server: 1 });
    expect(first.server).toBe(1);
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
    ['of another version', { version: 99 }, `this cluster speaks protocol version ${PROTOCOL_VERSION}, not 99`],
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
    expect(client.told.at(-1)?.type).toBe('pong');
  });
});
