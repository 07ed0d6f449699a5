/** A server that gets its history from a peer while events of its own wait to be written: nothing hides anything. */
import type { ChatEvent } from '../../src/chat/events';
import { ChatState } from '../../src/chat/state';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import { recordsOf } from '../../src/history/blocks';
import { checkHistory } from '../../src/history/check';
import { givePart } from '../../src/history/giving';
import { seededRandom } from '../../src/lib/prng';
import { ServerCore } from '../../src/server/core';
import type { ServerEffect } from '../../src/server/effects';
import { decodeBatch, encodeBatch, encodeEntry, encodeGroup } from '../../src/wire/codec-batch';
import type { PeerEnvelope } from '../../src/wire/peer';
import { sessionOf } from '../../src/wire/secret';
import { Store } from '../history/store';
import { secretOf } from './harness';

const LIMITS = limitsOf(DEFAULT_TIMEOUTS, DEFAULT_LIMITS);
const BALLOT = { counter: 1, server: 2 };
const LINES = 199;
/** Longer than what waits to be written does. */
const SLOW_MS = 600;

type Asked = Extract<ServerEffect, { readonly type: 'ask' }>;
type Persist = Extract<ServerEffect, { readonly type: 'persist' }>;

/** The rounds in which somebody joins and says something, a line in each. */
function roundsOf(lines: number): readonly Uint8Array[] {
  const session = sessionOf(secretOf(1));
  const open = {
    type: 'open',
    session,
    nick: 'alice',
    server: 2,
    attachment: 'x-1',
    resume: false,
    position: 0,
  } as const;
  const entries = [encodeEntry({ type: 'birth', id: '0123456789abcdef' }), encodeEntry(open)];
  entries.push(encodeGroup({ type: 'group', session, firstSeq: 1, commands: [{ type: 'join', room: 'lobby' }] }));
  for (let seq = 2; seq <= lines + 1; seq += 1) {
    const say = { type: 'say', room: 'lobby', text: `line ${seq}`, action: false } as const;
    entries.push(encodeGroup({ type: 'group', session, firstSeq: seq, commands: [say] }));
  }
  return entries.map((entry, at) => encodeBatch(1_700_000_000_000 + at, [entry]));
}

/** What all of the rounds bring about. */
function eventsOf(rounds: readonly Uint8Array[]): readonly ChatEvent[] {
  const chat = new ChatState(LIMITS.chat);
  return rounds.flatMap((value, round) => {
    const batch = decodeBatch(value);
    if ('bad' in batch) throw new Error(batch.bad);
    return chat.apply(round, batch).events;
  });
}

/** A server that talks to nobody but the test, which answers for its peer. */
class Restored {
  nowMs = 1000;
  readonly store = new Store();
  readonly asked: Asked[] = [];
  private readonly writing: Persist[] = [];
  private readonly core: ServerCore;

  constructor() {
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => 1_700_000_000_000 + this.nowMs };
    const options = { id: 1, cluster: 'test', servers: [1, 2, 3], instance: '1', pid: 1, clock };
    const state = { promised: BALLOT, committed: 0, incarnation: 1, standing: 'voter', vector: [1, 1, 1] } as const;
    const log = { state, first: 0, accepted: [] };
    this.core = new ServerCore(
      { ...options, random: seededRandom(1), limits: LIMITS },
      { log, historyThrough: 0, snapshots: [], restored: undefined },
    );
    this.perform(this.core.start());
    this.perform(this.core.onLink(2, 'up'));
  }

  answer(message: PeerEnvelope['message']): void {
    if (message.type === 'StatusRequest' || message.type === 'StatusReply') return;
    this.perform(this.core.onPeer(2, this.core.birth, message));
  }

  pass(ms: number): void {
    for (const end = this.nowMs + ms; this.nowMs < end; this.nowMs += 10) this.perform(this.core.tick());
  }

  private perform(effects: readonly ServerEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'persist') this.writing.push(effect);
      if (effect.type === 'ask') this.asked.push(effect);
    }
    for (let next = this.writing.shift(); next; next = this.writing.shift()) {
      this.store.put(next.write.puts ?? []);
      this.perform(this.core.onDurable(next.then));
    }
  }
}

test('what a server was about to write does not hide what a peer gave it under the same key', () => {
  const rounds = roundsOf(LINES);
  const events = eventsOf(rounds);
  const end = events.at(-1)?.position ?? 0;
  const peer = new Store();
  peer.put(recordsOf(events));
  const server = new Restored();
  const values = (from: number, to: number, first: number) => {
    const found = rounds.slice(from, to).map((value, at) => ({ round: from + at, ballot: BALLOT, value }));
    server.answer({ type: 'Values', from, values: found, committed: rounds.length, first });
  };
  const snapshot = { round: rounds.length, position: end, parts: 1, digest: 'of nothing' };
  // Fifty rounds come from the peer, then it cuts its log.
  values(0, 50, 0);
  values(50, 50, 150);
  let given = 0;
  for (;;) {
    const { message } = server.asked.shift() ?? {};
    // All of the history has come once the snapshot is asked for.
    if (message?.type === 'FetchSnapshot' && given > 0) break;
    if (!message) server.pass(10);
    else if (message.type === 'FetchSnapshot') {
      server.answer({ type: 'SnapshotPart', snapshot, part: message.part, bytes: new Uint8Array(1) });
    } else if (message.type === 'FetchHistory') {
      given += 1;
      const { records, next: place } = peer.read(givePart([{ room: 'lobby', last: end }], message, message));
      const pieces = records.flatMap(({ key, value }) => [key, value]);
      const { room, position } = place ?? { room: '', position: 0 };
      server.answer({ type: 'HistoryPart', records: pieces, waitMs: 0, room, position, permille: 1000 });
      server.pass(SLOW_MS);
    }
  }
  expect(server.store.read(checkHistory([{ room: 'lobby', lines: LINES, floor: 0 }], end)).problems).toEqual([]);
});
