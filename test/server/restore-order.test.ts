/** A server that gets its history from a peer while events of its own wait to be written: nothing hides anything. */
import type { Room } from '../../src/chat/rooms';
import { checkHistory } from '../../src/history/check';
import { readHead } from '../../src/history/history';
import { HEAD_KEY } from '../../src/history/keys';
import { MANIFEST_KEY, readManifest } from '../../src/server/snapshots';
import { GivingPeer, SLOW_MS } from './giving-peer';
import { snapshotOf } from './snapshot-of';
import { played, roundsOf, SoloServer } from './solo';

const LINES = 199;
const rounds = roundsOf(LINES);
/** So that what is gathered is written in several pieces. */
const SMALL = { gatheredBytes: 500 };
const { chat, events } = played(rounds);
const end = events.at(-1)?.position ?? 0;
const snapshot = snapshotOf(chat, rounds.length);
const peer = new GivingPeer(events, snapshot);

function problemsOf(server: SoloServer, { chat: state, events: all } = { chat, events }): readonly string[] {
  const { lines, digest, lastPosition } = state.roomsByKey.get('lobby') as Room;
  const room = { room: 'lobby', lines, digest, lastPosition, floor: 0 };
  return server.store.read(checkHistory([room], all.length, state.birth)).problems;
}

/** A server that has all of its peer's history, and whose disk holds back the write of the snapshot. */
function completing(options?: ConstructorParameters<typeof SoloServer>[0]): SoloServer {
  const server = new SoloServer({ limits: SMALL, ...options });
  server.values(rounds, 0, 50);
  server.pass(SLOW_MS);
  server.values(rounds, 50, 50, { first: 150 });
  const complete = peer.restore(server);
  server.held = true;
  complete();
  return server;
}

test('what a server was about to write does not hide what a peer gave it under the same key', () => {
  const server = new SoloServer({ limits: SMALL });
  // Fifty rounds come from the peer, then it cuts its log.
  server.values(rounds, 0, 50);
  server.values(rounds, 50, 50, { first: 150 });
  peer.restore(server);
  expect(problemsOf(server)).toEqual([]);
});

test('what is on its way into the store is not asked for', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 50);
  server.held = true;
  server.values(rounds, 50, 50, { first: 150 });
  const head = server.asked.find(({ message }) => message.type === 'FetchSnapshot');
  server.answer(
    { type: 'SnapshotPart', snapshot: snapshot.info, part: 0, bytes: new Uint8Array(1), waitMs: 0 },
    head?.to,
  );
  const [first] = server.asked.flatMap(({ message }) => (message.type === 'FetchHistory' ? [message] : []));
  const given = server.writing.flatMap(({ then }) => then.map((one) => (one.type === 'stored' ? one.through : 0)));
  expect(first?.after).toBe(Math.max(...given));
  expect(first?.after).toBeGreaterThan(0);
});

test('rounds that come while the snapshot is being written make no hole in the history', () => {
  const server = completing();
  // Another peer has not cut its log yet.
  server.values(rounds, 50, 60, { peer: 3 });
  server.pass(20);
  server.release();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
  expect(readHead(server.store.get(HEAD_KEY))).toBe(end);
});

test('rounds that go beyond the snapshot while it is being written stay, and so does the history', () => {
  const more = roundsOf(LINES + 50);
  const server = completing();
  server.values(more, 50, more.length, { peer: 3 });
  server.pass(20);
  server.release();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(more.length);
  expect(problemsOf(server, played(more))).toEqual([]);
  expect(readHead(server.store.get(HEAD_KEY))).toBe(server.core.status().position);
});

test('a history that reaches further than the rounds here is not written back to where they are', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 50);
  server.pass(SLOW_MS);
  server.values(rounds, 50, 50, { first: 150 });
  // All of the history is here, the snapshot never comes: but then the rounds do.
  peer.restore(server);
  const reached = readHead(server.store.get(HEAD_KEY));
  expect(reached).toBe(end);
  server.values(rounds, 50, 60, { peer: 3 });
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(60);
  expect(readHead(server.store.get(HEAD_KEY))).toBe(reached);
  server.values(rounds, 60, rounds.length, { peer: 3 });
  server.pass(SLOW_MS);
  expect(problemsOf(server)).toEqual([]);
});

test('a snapshot that is due while another one is being restored leaves no hole either, and does not take its place', () => {
  const server = completing({ limits: { ...SMALL, snapshotRounds: 55 } });
  server.values(rounds, 50, 60, { peer: 3 });
  server.pass(SLOW_MS);
  server.release();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
  expect(readManifest(server.store.get(MANIFEST_KEY))).toEqual([snapshot.info]);
});

/** As `GivingPeer.restore`, with a disk that takes until so many parts have come for each write. */
function restoreSlowly(
  server: SoloServer,
  partsAWrite: number,
  parts = Number.POSITIVE_INFINITY,
): (() => void) | undefined {
  let given = 0;
  for (let patience = 0; patience < 5000 && given < parts; patience += 1) {
    server.held = true;
    // Two at once would become one, and one table of what is far apart.
    expect(server.writing.filter(({ write }) => write.bulk !== undefined).length).toBeLessThan(2);
    const { message, to } = server.asked.shift() ?? {};
    if (!message || to === undefined) {
      server.pass(10);
      if (patience % 50 === 0) server.release();
    } else if (message.type === 'FetchHistory') {
      given += 1;
      server.answer(smaller.partFor(message), to);
      if (given % partsAWrite === 0) server.release();
    } else if (message.type === 'RequestValue') {
      server.values(rounds, message.from, message.from, { first: 150, peer: to });
    } else if (message.type === 'FetchSnapshot') {
      const part = snapshot.parts[message.part] as Uint8Array;
      const answer = {
        type: 'SnapshotPart',
        snapshot: snapshot.info,
        part: message.part,
        bytes: part,
        waitMs: 0,
      } as const;
      if (message.round !== 0 && message.part === snapshot.parts.length - 1) return () => server.answer(answer, to);
      server.answer(answer, to);
    }
  }
  return undefined;
}

/** Its history comes in some twenty parts. */
const smaller = new GivingPeer(events, snapshot, { bytes: 400, blocks: 2, rooms: 64 }, 5);

test.each([1, 3, 10])(
  'whatever the disk does meanwhile, nothing is missing when %d parts come for each write',
  (parts) => {
    const server = new SoloServer({ limits: SMALL });
    server.values(rounds, 0, 3);
    server.values(rounds, 3, 3, { first: 150 });
    const complete = restoreSlowly(server, parts);
    expect(server.written.some(({ bulk }) => bulk !== undefined)).toBe(true);
    complete?.();
    server.release();
    server.pass(SLOW_MS);
    expect(server.core.status().applied).toBe(rounds.length);
    expect(problemsOf(server)).toEqual([]);
  },
);

test('a restore that is given up while something of it is written leaves nothing behind that the next one trips over', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 3);
  server.values(rounds, 3, 3, { first: 150 });
  restoreSlowly(server, 100, 12);
  expect(server.writing.some(({ write }) => write.bulk !== undefined)).toBe(true);
  // Rounds come from somebody who still has them; then no more.
  server.values(rounds, 3, 20, { peer: 3 });
  server.pass(20);
  expect(server.core.status().restored).toBe(1000);
  const complete = restoreSlowly(server, 3);
  complete?.();
  server.release();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
});

test('a late answer to an earlier question is not taken for one to the present question', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 3);
  server.pass(SLOW_MS);
  server.values(rounds, 3, 3, { first: 150 });
  const head = server.asked.find(({ message }) => message.type === 'FetchSnapshot');
  server.answer(
    { type: 'SnapshotPart', snapshot: snapshot.info, part: 0, bytes: new Uint8Array(1), waitMs: 0 },
    head?.to,
  );
  const asked = server.asked.flatMap(({ to, message }) => (message.type === 'FetchHistory' ? [{ to, message }] : []));
  const [one, other] = asked;
  if (!one || !other) throw new Error('two stretches are asked for');
  // Each answers what the other one is asked: as if it had been asked that before.
  const before = server.store.get(HEAD_KEY);
  server.answer(peer.partFor(other.message), one.to);
  server.answer(peer.partFor(one.message), other.to);
  expect(server.store.get(HEAD_KEY)).toBe(before);
  const complete = peer.restore(server);
  complete();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
});

test('a peer whose history is damaged is passed over, and told of', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 3);
  server.values(rounds, 3, 3, { first: 150 });
  const damaged = peer.damaged(7, 150);
  const complete = peer.restore(server, (message, to) => (to === 3 ? damaged : peer).partFor(message), 10);
  complete();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
  expect(server.logs.join('\n')).toMatch(/what server 3 gave cannot be used \(1 parts so far\): .*line/);
});

test('a part without a block, as all its rooms have let everything go, leads on to the next one', () => {
  const server = new SoloServer({ limits: SMALL });
  server.values(rounds, 0, 3);
  server.values(rounds, 3, 3, { first: 150 });
  let isFirst = true;
  const complete = peer.restore(server, (asked) => {
    if (!isFirst) return peer.partFor(asked);
    isFirst = false;
    return { ...peer.partFor(asked), records: [], waitMs: 20, room: 'lobby', position: 0 };
  });
  complete();
  server.pass(SLOW_MS);
  expect(server.core.status().applied).toBe(rounds.length);
  expect(problemsOf(server)).toEqual([]);
});
