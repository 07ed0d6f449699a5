/** What waits for a client that does not read is bounded in bytes, whatever it says; one that reads does not notice. */
import { MAX_CHECKS, MESSAGE_BYTES } from '../../src/balancer/limits';
import { type Account, Receipts } from '../../src/balancer/receipts';
import { type FakeClient, LIMITS, lastOf, World } from './world';

const PAGE = new Uint8Array(5000);
const ROOM = LIMITS.clientQueueBytes + PAGE.length + MESSAGE_BYTES;

/** Its server sends it as many pages as it gets, one after the other. */
function sendPages(world: World, client: FakeClient, count: number): void {
  for (let page = 1; page <= count; page += 1) {
    const [attachment] = world.servers.flatMap(({ attached }) => [...attached].filter((one) => one === of(client)));
    if (attachment === undefined) return;
    const server = world.servers.find(({ attached }) => attached.has(attachment));
    if (server) world.fromServer(server, { type: 'data', to: [{ attachment, number: page }] }, PAGE);
  }
}

/** The attachment that it was given last, read or not. */
function of(client: FakeClient): number {
  const unread = client.unread?.findLast((frame) => frame.type === 'attached');
  return unread?.type === 'attached' ? unread.attachment : client.attachment;
}

function silent(world: World, name: string): FakeClient {
  const client = world.join(name);
  client.unread = [];
  return client;
}

const waiting = ({ unread = [], unreadBytes }: FakeClient) => unreadBytes + unread.length * MESSAGE_BYTES;
const attachedTo = (world: World) => world.servers.reduce((sum, { attached }) => sum + attached.size, 0);

describe('a client that reads nothing', () => {
  test('is sent no more than it may have, and loses its attachment', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    sendPages(world, client, 1000);
    expect(client.unreadBytes).toBeGreaterThan(LIMITS.clientQueueBytes / 2);
    expect(client.unreadBytes).toBeLessThanOrEqual(ROOM);
    expect(attachedTo(world)).toBe(0);
    expect(world.info().clients).toBe(1);
  });

  test('gets no attachment for whatever it says', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    sendPages(world, client, 1000);
    for (let round = 0; round < 50; round += 1) {
      world.pass(1000); // It pings.
      world.hello(client);
      world.fromClient(client, { type: 'ping', attachment: of(client), token: 0 });
      if (round % 3 === 0) world.fromClient(client, { type: 'bye', attachment: of(client) });
      world.hello(client, { previous: 1 });
      world.fromClient(client, { type: 'info-request' });
      world.fromClient(client, { type: 'data', attachment: of(client) });
      world.hello(client, { cluster: 'another' });
      sendPages(world, client, 100);
      expect(attachedTo(world)).toBe(0);
    }
    expect(client.unreadBytes).toBeLessThanOrEqual(ROOM);
    expect(waiting(client)).toBeLessThanOrEqual(ROOM + 100 * MESSAGE_BYTES);
  });

  test('cannot guess what it would have read', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    sendPages(world, client, 1000);
    const first = client.unread?.find((frame) => frame.type === 'check');
    const token = first?.type === 'check' ? first.token : 0;
    expect(token).toBeGreaterThan(0);
    for (const guess of [0, 1, 2 ** 53 - 1, token - 1, token + 1000]) {
      world.fromClient(client, { type: 'ping', attachment: 0, token: guess });
    }
    expect(attachedTo(world)).toBe(0);
    // What is true of one is not of another.
    const other = silent(world, 'bob');
    sendPages(world, other, 1000);
    world.fromClient(other, { type: 'ping', attachment: 0, token });
    expect(attachedTo(world)).toBe(0);
    expect(waiting(other)).toBeLessThanOrEqual(ROOM + 20 * MESSAGE_BYTES);
  });

  test('is served again once it has read, by a fresh attachment', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    const before = client.attachment;
    sendPages(world, client, 1000);
    world.pass(20_000);
    expect(attachedTo(world)).toBe(0);
    world.readAll(client);
    expect(lastOf(client, 'attached')).toMatchObject({ server: 1, reason: 'lagged' });
    expect(client.attachment).not.toBe(before);
    sendPages(world, client, 1000);
    expect(attachedTo(world)).toBe(1);
  });

  test('is not served again when it has read only a part', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    sendPages(world, client, 1000);
    const checks = (client.unread ?? []).flatMap((frame) => (frame.type === 'check' ? [frame.token] : []));
    for (const token of checks.slice(0, -3)) world.fromClient(client, { type: 'ping', attachment: 0, token });
    expect(attachedTo(world)).toBe(0);
    world.fromClient(client, { type: 'ping', attachment: 0, token: checks.at(-1) ?? 0 });
    expect(attachedTo(world)).toBe(1);
  });

  test('is asked again when what asked it was lost', () => {
    const world = World.open();
    const client = silent(world, 'alice');
    sendPages(world, client, 1000);
    client.unread = [];
    world.pass(10_000);
    expect(client.unread.some(({ type }) => type === 'check')).toBe(true);
    world.readAll(client);
    expect(client.attachment).not.toBe(0);
    expect(attachedTo(world)).toBe(1);
  });

  test('is forgotten with all that waited for it when its connection closes', () => {
    const world = World.open({ limits: { allQueuesBytes: 2 * LIMITS.clientQueueBytes } });
    for (let client = 0; client < 20; client += 1) {
      const gone = silent(world, `client ${client}`);
      sendPages(world, gone, 1000);
      expect(gone.unreadBytes).toBeGreaterThan(LIMITS.clientQueueBytes / 2);
      world.killClient(gone);
      world.tick();
    }
    // Nor is it counted any more against those who are here.
    const alone = silent(world, 'alone');
    for (let other = 0; other < 5; other += 1) sendPages(world, silent(world, `other ${other}`), 1);
    sendPages(world, alone, 16);
    expect(alone.unreadBytes).toBe(16 * PAGE.length);
    expect(attachedTo(world)).toBe(6);
  });
});

describe('many that read nothing', () => {
  test('have no more than all may have, twice, and leave room for one that reads', () => {
    const world = World.open();
    const all = Array.from({ length: 40 }, (_, index) => silent(world, `silent ${index}`));
    for (const client of all) sendPages(world, client, 1000);
    const sum = all.reduce((bytes, client) => bytes + waiting(client), 0);
    expect(sum).toBeGreaterThan(LIMITS.allQueuesBytes / 2);
    expect(sum).toBeLessThanOrEqual(2 * LIMITS.allQueuesBytes);
    const reader = world.join('reader');
    const { attachment } = reader;
    sendPages(world, reader, 1000);
    expect(reader.attachment).toBe(attachment);
    expect(attachedTo(world)).toBe(1);
  });

  test('those who have little are not sent away for the others', () => {
    const world = World.open();
    const modest = silent(world, 'modest');
    sendPages(world, modest, 1);
    const greedy = Array.from({ length: 12 }, (_, index) => silent(world, `greedy ${index}`));
    for (const client of greedy) sendPages(world, client, 1000);
    sendPages(world, modest, 1);
    expect(modest.unreadBytes).toBe(2 * PAGE.length);
    expect(attachedTo(world)).toBe(1);
  });
});

describe('a client that reads', () => {
  test('is never sent to catch-up, however much comes', () => {
    const world = World.open();
    const client = world.join('alice');
    const { attachment } = client;
    for (let round = 0; round < 20; round += 1) {
      sendPages(world, client, 500);
      world.pass(300);
    }
    expect(client.attachment).toBe(attachment);
    expect(client.told.filter(({ type }) => type === 'check').length).toBeGreaterThan(100);
  });

  test('and is half of what it may have behind is not sent there either', () => {
    const { receipts, account } = opened();
    const asked: { readonly token: number; readonly at: number }[] = [];
    for (let sent = 0; sent < 100; sent += 1) {
      if (receipts.onSent(account, 1000)) asked.push({ token: receipts.check(account), at: account.sent });
      while ((asked[0]?.at ?? Number.POSITIVE_INFINITY) <= account.sent - LIMITS.clientQueueBytes / 2) {
        receipts.onToken(account, asked.shift()?.token ?? 0);
      }
      expect(receipts.isFull(account)).toBe(false);
    }
  });

  test('may be sent one message of any size when nothing else waits', () => {
    const { receipts, account } = opened();
    receipts.onSent(account, 10 * LIMITS.clientQueueBytes);
    expect(receipts.isFull(account)).toBe(true);
    receipts.onToken(account, receipts.check(account));
    expect(receipts.isFull(account)).toBe(false);
  });
});

describe('receipts', () => {
  test('a token is good once, and for all before it', () => {
    const { receipts, account } = opened();
    const tokens = [1, 2, 3].map(() => {
      receipts.onSent(account, 1000);
      return receipts.check(account);
    });
    expect(receipts.onToken(account, tokens[1] as number)).toBe(true);
    expect(account.read).toBe(2 * (1000 + MESSAGE_BYTES));
    for (const token of tokens.slice(0, 2)) expect(receipts.onToken(account, token)).toBe(false);
    expect(receipts.onToken(account, tokens[2] as number)).toBe(true);
    expect(account.read).toBe(account.sent);
  });

  test('only so many are remembered', () => {
    const { receipts, account } = opened();
    const tokens = Array.from({ length: 3 * MAX_CHECKS }, () => {
      receipts.onSent(account, 10);
      return receipts.check(account);
    });
    expect(new Set(tokens).size).toBe(MAX_CHECKS);
    expect(receipts.onToken(account, tokens.at(-1) as number)).toBe(true);
    expect(account.checks).toEqual([]);
    expect(account.read).toBe(MAX_CHECKS * (10 + MESSAGE_BYTES));
  });
});

function opened(): { receipts: Receipts; account: Account } {
  let tokens = 0;
  const receipts = new Receipts(LIMITS, () => {
    tokens += 1;
    return tokens;
  });
  return { receipts, account: receipts.of('alice') };
}
