/**
 * What a committed round brings about on this server: the state machine applies it, the history keeps its events, and
 * the clients that are attached here hear of what concerns them. Rounds come in order, once each, without a hole.
 */

import type { Entry, SessionId } from '../chat/commands';
import { isSaid } from '../chat/event-runs';
import type { Applied, Closed, EventRun, Gap, Opened, Outcome } from '../chat/events';
import { invariant } from '../lib/assert';
import type { AckRun, ServerMessage } from '../wire/client';
import { decodeBatch } from '../wire/codec-batch';
import { type AttachedClient, address } from './attached';
import { deliveriesOf } from './delivery';
import type { ServerParts } from './parts';
import type { Snapshots } from './snapshots';

export class Applier {
  /** @param applied every round below is applied */
  constructor(
    private readonly parts: ServerParts,
    private readonly snapshots: Snapshots,
    public applied: number,
  ) {}

  onCommit(round: number, value: Uint8Array): void {
    // After a restart the log begins below the snapshot.
    if (round < this.applied) return;
    this.apply(round, value);
    this.snapshots.onApplied(round, value.length);
  }

  private apply(round: number, value: Uint8Array): void {
    invariant(round === this.applied, `round ${round} committed, ${this.applied} is the next to apply`);
    this.applied = round + 1;
    if (value.length === 0) return;
    const batch = decodeBatch(value);
    if ('bad' in batch) {
      // Every server decodes the same bytes, so every server passes over the same round.
      this.parts.send({ type: 'log', level: 'warn', text: `round ${round} does not decode: ${batch.bad}` });
      return;
    }
    const result = this.parts.chat.apply(round, batch);
    this.parts.history.append(result.runs);
    for (const opened of result.opened) this.onOpened(opened);
    this.acknowledge(result);
    this.settle(batch.entries);
    for (const { clients, runs } of deliveriesOf(result, this.parts.chat, this.parts.clients)) {
      this.parts.send({ type: 'toClients', to: clients.map(address), message: { type: 'deliver', runs } });
    }
    for (const gap of result.gaps) this.onGap(gap);
    for (const closed of result.closed) this.onClosed(closed);
  }

  private onOpened(opened: Opened): void {
    const client = this.parts.clients.ofSession(opened.session);
    if (opened.server !== this.parts.options.id || client?.openId !== opened.attachment) {
      if (client && !client.opening && !opened.refusal) this.onTakenOver(client);
      return;
    }
    client.opening = undefined;
    if (opened.refusal) {
      this.toClient(client, { type: 'refused', session: opened.session, ...opened.refusal });
      this.parts.clients.release(client);
      return;
    }
    const session = this.parts.chat.session(opened.session);
    invariant(session, `session ${opened.session} was opened and is not there`);
    this.toClient(client, {
      type: 'welcome',
      session: session.id,
      server: this.parts.options.id,
      nick: session.nick,
      position: opened.position,
      birth: this.parts.chat.birth,
      lastSeq: session.lastSeq,
      rooms: session.rooms,
    });
  }

  /** The session went on at another server: this attachment of it is over. */
  private onTakenOver(client: AttachedClient): void {
    this.parts.pending.forget(client.session);
    this.parts.clients.detach(client.attachment);
    this.parts.send({ type: 'toBalancer', frame: { type: 'detach', attachment: client.attachment } });
  }

  /** Acknowledges what became of commands, a frame for each client and round, unless it sees that by what it is told. */
  private acknowledge({ outcomes, runs: events }: Applied): void {
    const now = this.parts.options.clock.monotonicMs();
    const runs = new Map<AttachedClient, AckRun[]>();
    const linesOf = linesBySession(events);
    for (const outcome of outcomes) {
      const { session, firstSeq, count, firstPosition, round, refusal } = outcome;
      const own = this.parts.pending.settle(session, firstSeq + count - 1, now);
      // What is told again was in the log before.
      if (own && round === this.applied - 1) this.parts.facts.onOwn(round, own.takenAtMs, own.proposedAtMs);
      const client = this.parts.clients.ofSession(session);
      if (!client) continue;
      if (refusal) {
        const { code, message } = refusal;
        this.toClient(client, { type: 'failed', seq: firstSeq, code, message, round });
        continue;
      }
      if (client.live && saidIn(linesOf.get(session) ?? [], outcome) === count) continue;
      const run = { firstSeq, count, firstPosition, round };
      const sofar = runs.get(client);
      if (sofar) sofar.push(run);
      else runs.set(client, [run]);
    }
    for (const [client, acks] of runs) this.toClient(client, { type: 'acks', runs: acks });
  }

  /** What a client knows the outcome of has none any more, should it come to the log again: nothing is to wait for it. */
  private settle(entries: readonly Entry[]): void {
    const now = this.parts.options.clock.monotonicMs();
    for (const entry of entries) {
      const session = entry.type === 'group' ? this.parts.chat.sessions.get(entry.session) : undefined;
      if (session) this.parts.pending.settle(session.id, session.outcomes.droppedThrough, now);
    }
  }

  /** Commands of this session were overtaken by later ones: what waits here is proposed again, in order. */
  private onGap({ session, expectedSeq }: Gap): void {
    const { pending, options } = this.parts;
    const now = options.clock.monotonicMs();
    pending.overtaken(session, expectedSeq, now - options.limits.server.retryMs / 8, now);
  }

  private onClosed({ session, refusal }: Closed): void {
    this.parts.pending.forget(session);
    const client = this.parts.clients.ofSession(session);
    if (!client || client.opening) return;
    this.toClient(client, { type: 'refused', session, nick: '', ...refusal });
    // It may ask for another session, and for nothing else.
    this.parts.clients.release(client);
  }

  private toClient(client: AttachedClient, message: ServerMessage): void {
    this.parts.send({ type: 'toClients', to: [address(client)], message });
  }
}

/** What each session said. */
function linesBySession(runs: readonly EventRun[]): ReadonlyMap<SessionId, readonly EventRun[]> {
  const lines = new Map<SessionId, EventRun[]>();
  for (const run of runs) {
    if (!isSaid(run)) continue;
    const sofar = lines.get(run.session);
    if (sofar) sofar.push(run);
    else lines.set(run.session, [run]);
  }
  return lines;
}

/** How many of the commands are among these lines of their session. */
function saidIn(lines: readonly EventRun[], { firstSeq, count }: Outcome): number {
  return lines.reduce((sum, { seq, texts }) => {
    const [from, to] = [Math.max(seq, firstSeq), Math.min(seq + texts.count, firstSeq + count)];
    return sum + Math.max(0, to - from);
  }, 0);
}
