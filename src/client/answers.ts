/** What a server answers to questions, and who is told of it. */
import { eventsOf } from '../chat/event-runs';
import { type Ballot, type ServerMessage, TOO_MANY_QUESTIONS, type WireEvent } from '../wire/client';
import type { Comparison } from './comparison';
import type { Continuity } from './continuity';
import type { Doubts } from './doubts';
import { idOf } from './events';
import type { Outlet } from './outlet';
import type { Posts } from './posts';
import type { Questions } from './questions';
import { eventOf, type Rooms } from './rooms';
import type { Searches } from './searches';

type MessageOf<Type extends ServerMessage['type']> = Extract<ServerMessage, { readonly type: Type }>;

/** Those parts of a session that ask by themselves. */
interface Askers {
  readonly rooms: Rooms;
  readonly searches: Searches;
  readonly doubts: Doubts;
  readonly comparison: Comparison;
  readonly continuity: Continuity;
  readonly posts: Posts;
}

export class Answers {
  constructor(
    private readonly questions: Questions,
    private readonly parts: Askers,
    private readonly out: Outlet,
  ) {}

  onHistory({ id, runs, more }: MessageOf<'history'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    const events = eventsOf(runs);
    if (question?.type !== 'history' || this.isWanted(id, events)) return;
    this.out.tell({ type: 'history', room: question.room, lines: events.map(eventOf), more, ...idOf(origin) });
  }

  onAnswer({ id, rows }: MessageOf<'answer'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    if (question?.type !== 'query') return;
    const { what, name } = question;
    if (what !== 'markers') return this.out.tell({ type: 'answer', what, name, rows, ...idOf(origin) });
    const markers = rows.map((row) => ({ room: row.name, index: row.count }));
    this.out.tell({ type: 'markers', markers, ...idOf(origin) });
  }

  onWhy({ id, agreement }: MessageOf<'why'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    if (question?.type !== 'why') return;
    const { ballot, steps, ...known } = agreement;
    this.out.tell({
      type: 'why',
      room: question.room,
      ...known,
      ballot: showBallot(ballot),
      leader: ballot.server,
      steps: steps.map(({ what, server, timeUs }) => ({ what, server, time: timeUs / 1000 })),
      ...this.parts.posts.wayOf(agreement.position),
      ...idOf(origin),
    });
  }

  onCluster({ id, server, ballot, servers }: MessageOf<'cluster'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    if (question?.type !== 'cluster') return;
    const leader = ballot.server;
    this.out.tell({ type: 'cluster', server, leader, ballot: showBallot(ballot), servers, ...idOf(origin) });
  }

  onDigest({ id, index, position, digest }: MessageOf<'digest'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    if (question?.type !== 'digest') return;
    const { isOurs, difference } = this.parts.comparison.onDigest(id, index, digest);
    if (difference) this.out.tell({ type: 'digest-differs', ...difference });
    if (isOurs) return;
    const ours = this.parts.comparison.digestAt(question.room, index);
    const compared = ours === undefined ? {} : { ours };
    this.out.tell({ type: 'digest', room: question.room, index, position, digest, ...compared, ...idOf(origin) });
  }

  onPlace({ id, index }: MessageOf<'place'>): void {
    const { question, origin } = this.questions.settle(id) ?? {};
    if (question?.type !== 'place') return;
    this.out.tell({ type: 'place', room: question.room, time: question.time, index, ...idOf(origin) });
  }

  /** Of a question, or of something else. */
  onError({ id, code, message }: MessageOf<'error'>): void {
    if (code === TOO_MANY_QUESTIONS) return; // Whoever asked asks again.
    this.parts.searches.forget(id);
    const settled = this.questions.settle(id);
    if (id !== 0 && (!settled || this.isWanted(id, []) || this.parts.comparison.onNoAnswer(id))) return;
    this.out.tellError(code, message, settled?.origin);
  }

  /** Whether some part of the session asked for this history: then it has it now. */
  private isWanted(id: number, events: readonly WireEvent[]): boolean {
    const { rooms, doubts, continuity } = this.parts;
    return rooms.onHistory(id, events) || doubts.onHistory(id, events) || continuity.onHistory(id, events);
  }
}

/** As everywhere; '' for none. */
function showBallot({ counter, server }: Ballot): string {
  return server === 0 ? '' : `${counter}.${server}`;
}
