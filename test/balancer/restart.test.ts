/** A balancer that was away, killed or stopped, loses nobody and moves nobody around. */
import { type FakeClient, LIMITS, lastOf, World } from './world';

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
