/** What a server answers who asks how a line was agreed on, and how the servers are. */
import type { Agreement, Step } from '../../src/wire/agreement';
import { ServerHarness, say } from './harness';
import { VirtualCluster } from './virtual';

const START_MS = 1_700_000_000_000;

function why(position: number, room = 'lobby', index = 0) {
  return { type: 'why', id: 5, room, index, position } as const;
}

function namesOf({ steps }: Agreement): readonly string[] {
  return steps.map(({ what, server }) => `${what} ${server}`);
}

function timesOf(steps: readonly Step[], what: Step['what']): readonly number[] {
  return steps.filter((step) => step.what === what).map(({ timeUs }) => timeUs / 1000 - START_MS);
}

/** Alice said one line to a server that is alone, which took a while to write it. */
function saidToOne(): ServerHarness {
  const server = new ServerHarness();
  server.enter(7, 1, 'alice');
  server.diskWorks = false;
  server.submit(7, 1, 2, [say('hello')]);
  server.pass(100);
  server.diskWorks = true;
  server.sync();
  return server;
}

describe('a server that is alone', () => {
  test('tells each step of a line at its time', () => {
    const server = saidToOne();
    const [line] = server.acked(7, 1).filter(({ firstSeq }) => firstSeq === 2);
    server.nowMs += 5000;
    server.request(7, why(line?.firstPosition ?? 0));
    const [answer] = server.toldTo(7, 'why');
    expect(answer).toMatchObject({ id: 5, agreement: { position: line?.firstPosition, round: line?.round } });
    const agreement = answer?.agreement as Agreement;
    expect(agreement).toMatchObject({ server: 1, servers: 1, ballot: { counter: 1, server: 1 }, accepted: [1] });
    expect(namesOf(agreement)).toEqual([
      'taken 1',
      'proposed 1',
      'accept 1',
      'accepted 1',
      'committed 1',
      'delivered 1',
    ]);
    const [taken] = timesOf(agreement.steps, 'taken');
    expect(timesOf(agreement.steps, 'accepted')).toEqual([(taken ?? 0) + 100]);
  });

  test('tells of the last line when no position is named', () => {
    const server = saidToOne();
    server.submit(7, 1, 3, [{ type: 'topic', room: 'lobby', text: 'no line' }]);
    server.request(7, why(0));
    const [line] = server.acked(7, 1).filter(({ firstSeq }) => firstSeq === 2);
    expect(server.toldTo(7, 'why')).toMatchObject([{ agreement: { position: line?.firstPosition } }]);
  });

  test('tells of a line by its index, and of none that is not there', () => {
    const server = saidToOne();
    server.submit(7, 1, 3, [{ type: 'topic', room: 'lobby', text: 'no line' }]);
    server.submit(7, 1, 4, [say('again')]);
    const positions = [2, 4].map((seq) => server.acked(7, 1).find(({ firstSeq }) => firstSeq === seq)?.firstPosition);
    for (const index of [1, 2, 3]) server.request(7, why(0, 'lobby', index));
    expect(server.toldTo(7, 'why').map(({ agreement }) => agreement.position)).toEqual(positions);
    expect(server.toldTo(7, 'error')).toMatchObject([
      { code: 'not-found', message: 'lobby has no line 3, or does not keep it any more' },
    ]);
  });

  test('tells nothing of what is not in the room, and nothing of a room that may not be read', () => {
    const server = saidToOne();
    server.attach(8);
    server.open(8, 2, 'bob');
    server.submit(7, 1, 3, [{ type: 'direct', nick: 'bob', text: 'between us', action: false }]);
    server.submit(7, 1, 4, [{ type: 'join', room: 'empty' }]);
    const { position } = server.core.status();
    server.attach(9);
    server.open(9, 3, 'eve');
    for (const room of ['lobby', 'empty', '@alice', '@bob', '!audit', 'nowhere'])
      server.request(9, why(position - 1, room));
    server.request(9, why(0, 'empty'));
    server.request(9, why(position + 100));
    expect(server.toldTo(9, 'why')).toEqual([]);
    expect(server.toldTo(9, 'error').map(({ code, message }) => `${code}: ${message}`)).toEqual([
      `not-found: position ${position - 1} is not of lobby`,
      `not-found: position ${position - 1} is not of empty`,
      'no-such-room: there is no room or conversation @alice',
      'no-such-room: there is no room or conversation @bob',
      'no-such-room: there is no room or conversation !audit',
      'no-such-room: there is no room or conversation nowhere',
      'not-found: nothing was said in empty yet',
      `not-found: position ${position + 100} is not of lobby`,
    ]);
    server.request(8, why(position - 1, '@alice'));
    expect(server.toldTo(8, 'why')).toMatchObject([{ agreement: { position: position - 1 } }]);
  });

  test('who has no session open learns how the servers are, so often, and nothing else', () => {
    const server = saidToOne();
    server.attach(8);
    server.request(8, why(1));
    expect(server.toldTo(8, 'error').map(({ id, code }) => [id, code])).toEqual([[5, 'not-open']]);
    for (let id = 1; id <= 1000; id += 1) server.request(8, { type: 'cluster', id });
    const answered = server.toldTo(8, 'cluster');
    expect(answered[0]).toMatchObject({ id: 1, server: 1, servers: [{ id: 1, state: 'leader' }] });
    expect(answered.length).toBeLessThan(1000);
    expect(server.toldTo(8, 'error').map(({ code }) => code)).toContain('too-many-questions');
  });
});

/** The position of the last line that a client's session has said. */
async function lastLine(cluster: VirtualCluster, server: number, client: number): Promise<Agreement> {
  const { agreement } = await cluster.ask(server, client, why(0), 'why');
  return agreement;
}

describe('three servers', () => {
  test('a follower tells who led and who accepted, and so does the leader, each what it saw', async () => {
    const cluster = await VirtualCluster.start({ limits: {} });
    const leader = cluster.leader();
    const follower = cluster.ids.find((id) => id !== leader) ?? 0;
    await cluster.enter(follower, 1);
    await cluster.enter(leader, 2);
    await cluster.say(follower, 1, 2, 1);
    await cluster.until('equal', () => cluster.equal());
    const seen = await lastLine(cluster, follower, 1);
    expect(seen).toMatchObject({ server: follower, servers: 3, ballot: { server: leader }, accepted: [1, 2, 3] });
    expect(namesOf(seen)).toEqual(expect.arrayContaining([`taken ${follower}`, `accept ${leader}`]));
    const led = await lastLine(cluster, leader, 2);
    expect(led).toMatchObject({ server: leader, position: seen.position, round: seen.round, ballot: seen.ballot });
    expect(namesOf(led)).not.toContain(`taken ${leader}`);
    expect(timesOf(led.steps, 'committed')).toHaveLength(1);
  });

  test('after another leader was elected, lines before and after it name each its own', async () => {
    const cluster = await VirtualCluster.start({ limits: {} });
    const first = cluster.leader();
    const asked = cluster.ids.find((id) => id !== first) ?? 0;
    await cluster.enter(asked, 1);
    await cluster.say(asked, 1, 2, 1);
    const before = await lastLine(cluster, asked, 1);
    cluster.kill(first);
    await cluster.until('another leader', () => ![0, first].includes(cluster.leader()));
    await cluster.say(asked, 1, 3, 1);
    await cluster.until('the line', () => cluster.core(asked).status().position > before.position);
    const after = await lastLine(cluster, asked, 1);
    const again = await cluster.ask(asked, 1, why(before.position), 'why');
    expect(again.agreement).toMatchObject({ ballot: { server: first }, accepted: [1, 2, 3] });
    expect(after.ballot.server).toBe(cluster.leader());
    expect(after.ballot.counter).toBeGreaterThan(before.ballot.counter);
    expect(after.accepted).toEqual(cluster.ids.filter((id) => id !== first));
  });

  test('a leader whose Accepts are lost says how often it asked again', async () => {
    let losing = false;
    const loses = (_from: number, _to: number, { type }: { readonly type: string }) => losing && type === 'Accept';
    const cluster = await VirtualCluster.start({ limits: {}, loses });
    const leader = cluster.leader();
    await cluster.enter(leader, 1);
    const { position } = cluster.core(leader).status();
    losing = true;
    await cluster.say(leader, 1, 2, 1);
    await cluster.pass(300);
    losing = false;
    await cluster.until('the line', () => cluster.core(leader).status().position > position);
    const { repeats, steps } = await lastLine(cluster, leader, 1);
    expect(repeats).toBeGreaterThan(0);
    const [asked] = timesOf(steps, 'accept');
    const [committed] = timesOf(steps, 'committed');
    expect((committed ?? 0) - (asked ?? 0)).toBeGreaterThanOrEqual(300);
  });

  test('a server that was started since says what the log says, and nothing more', async () => {
    const cluster = await VirtualCluster.start({ limits: {} });
    const leader = cluster.leader();
    const server = cluster.ids.find((id) => id !== leader) ?? 0;
    await cluster.enter(server, 1);
    await cluster.say(server, 1, 2, 1);
    await cluster.pass(2000);
    const before = await lastLine(cluster, server, 1);
    cluster.kill(server);
    await cluster.startServer(server);
    await cluster.pass(2000);
    await cluster.enter(server, 2);
    const { agreement } = await cluster.ask(server, 2, why(before.position), 'why');
    const { position, round, time, ballot } = before;
    expect(agreement).toEqual({
      position,
      round,
      time,
      ballot,
      server,
      servers: 3,
      accepted: [],
      repeats: 0,
      steps: [],
    });
  });

  test('a server that was away says who gave it the round', async () => {
    let cut = 0;
    const loses = (from: number, to: number) => from === cut || to === cut;
    const cluster = await VirtualCluster.start({ limits: {}, loses });
    const leader = cluster.leader();
    const [away, other] = cluster.ids.filter((id) => id !== leader) as [number, number];
    await cluster.enter(away, 1);
    await cluster.enter(other, 2);
    cut = away;
    await cluster.say(other, 2, 2, 1);
    await cluster.pass(300);
    cut = 0;
    await cluster.until('equal', () => cluster.equal());
    const agreement = await lastLine(cluster, away, 1);
    expect(agreement.accepted).toEqual([]);
    expect(namesOf(agreement)[0]).toMatch(/^told /);
    expect(namesOf(agreement).slice(1)).toEqual([`committed ${away}`, `delivered ${away}`]);
  });

  test('all know how all are, the silent ones too', async () => {
    const cluster = await VirtualCluster.start({ limits: {} });
    const leader = cluster.leader();
    const [asked, other] = cluster.ids.filter((id) => id !== leader) as [number, number];
    await cluster.enter(asked, 1);
    await cluster.enter(leader, 2);
    const { servers, ballot, server } = await cluster.ask(asked, 1, { type: 'cluster', id: 6 }, 'cluster');
    expect([server, ballot.server]).toEqual([asked, leader]);
    expect(servers.map(({ id }) => id)).toEqual([1, 2, 3]);
    const of = (id: number) => servers.find((one) => one.id === id);
    expect(of(leader)).toMatchObject({ state: 'leader', clients: 1, lag: 0 });
    expect(of(asked)).toMatchObject({ state: 'follower', clients: 1, lag: 0, silentMs: 0 });
    expect(of(other)).toMatchObject({ state: 'follower', clients: 0 });
    cluster.kill(leader);
    cluster.kill(other);
    // Their connections closed: that they are gone, and their clients with them, is known at once.
    await cluster.pass(200);
    const soon = await cluster.ask(asked, 1, { type: 'cluster', id: 8 }, 'cluster');
    for (const { id, state, clients } of soon.servers)
      expect([state === 'silent', clients]).toEqual(id === asked ? [false, 1] : [true, 0]);
    await cluster.pass(5000);
    // A client that comes now is told why it has no session, and may ask all the same.
    cluster.attach(asked, 3);
    expect(cluster.told.at(-1)).toMatchObject({ server: asked, message: { type: 'state', majority: false } });
    const alone = await cluster.ask(asked, 3, { type: 'cluster', id: 7 }, 'cluster');
    expect(alone.ballot).toEqual({ counter: 0, server: 0 });
    expect(alone.servers.map(({ state }) => state).sort()).toEqual([
      expect.stringMatching(/^(candidate|catching-up)$/),
      'silent',
      'silent',
    ]);
    for (const { id, silentMs } of alone.servers) if (id !== asked) expect(silentMs).toBeGreaterThanOrEqual(4900);
  });

  test('a server that lost its memory does not count before it votes again', async () => {
    let forgetful = 0;
    const loses = (_from: number, to: number, { type }: { readonly type: string }) =>
      to === forgetful && type === 'RecoverReply';
    const cluster = await VirtualCluster.start({ limits: {}, loses });
    const [asked, other] = cluster.ids.filter((id) => id !== cluster.leader()) as [number, number];
    await cluster.enter(asked, 1);
    const stateOfOther = async () => {
      const { servers } = await cluster.ask(asked, 1, { type: 'cluster', id: 6 }, 'cluster');
      return servers.find(({ id }) => id === other)?.state;
    };
    forgetful = other;
    cluster.kill(other);
    cluster.wipe(other);
    await cluster.startServer(other);
    await cluster.pass(3000);
    expect(await stateOfOther()).toBe('recovering');
    forgetful = 0;
    await cluster.pass(3000);
    expect(await stateOfOther()).toBe('follower');
  });
});
