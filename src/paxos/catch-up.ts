/**
 * Fills gaps in the committed prefix: PUB/SUB loses messages, reconnects lose silently, and servers were down.
 *
 *   RequestValue ─▶ Values, page by page, one question at a time
 *
 * A gap is a round that somebody told is chosen and that did not come within a heartbeat's time. The leader is asked
 * first, then, when no answer comes, the others in turn. No ballot is raised for it: what nobody has committed yet is
 * left to the leader. A peer whose log starts above the gap says so, and the server is told: it may need a snapshot.
 */
import type { Round, ServerId } from './ballot';
import type { QuestionId } from './effects';
import type { RequestValue, Values } from './messages';
import type { Parts } from './parts';

export class CatchUp {
  /** What was known to be chosen at some time, and since when this server has been waiting for it. */
  private goal: { readonly round: Round; readonly sinceMs: number } | undefined;
  private asked: { readonly peer: ServerId; readonly from: Round; readonly sinceMs: number } | undefined;
  /** Questions in a row that brought nothing: who is asked next. */
  private fruitless = 0;
  /** When the server was told that a peer has cut off what is missing here: which peer, and from which round on. */
  private cutOff: { readonly peer: ServerId; readonly missing: Round; readonly atMs: number } | undefined;

  constructor(
    private readonly parts: Parts,
    /** Every round below is known to be chosen from the votes heard. */
    private readonly chosen: () => Round,
    private readonly leader: () => ServerId,
  ) {}

  /** How many rounds are known to be chosen and not committed here. */
  get behind(): number {
    const { committed } = this.parts.memory;
    return Math.max(this.parts.peers.highestCommitted(), this.chosen(), committed) - committed;
  }

  tick(): void {
    const { memory, nowMs, limits } = this.parts;
    if (this.asked && nowMs - this.asked.sinceMs >= limits.questionTimeoutMs) this.onFruitless();
    if (this.behind === 0) this.goal = undefined;
    else if (!this.goal || memory.committed >= this.goal.round) this.setGoal();
    else if (!this.asked && nowMs - this.goal.sinceMs >= limits.heartbeatMs) this.ask(this.nextPeer());
  }

  /** Whether this peer knows more: after a connection was made anew, what was published meanwhile is lost. */
  check(peer: ServerId): void {
    if (!this.asked) this.ask(peer);
  }

  onRequest(from: ServerId, request: RequestValue, question: QuestionId): void {
    const { memory, limits, outbox } = this.parts;
    const { log } = memory;
    const values = request.from < log.first ? [] : log.committedPage(request.from, limits);
    const message: Values = {
      type: 'Values',
      from: request.from,
      values,
      committed: memory.committed,
      first: log.first,
    };
    outbox.reply(from, question, message);
  }

  /** After the learner took the values. @param news whether they brought the committed prefix further */
  onAnswer(from: ServerId, answer: Values, news: boolean): void {
    if (this.asked?.peer !== from || this.asked.from !== answer.from) return this.parts.ignore('late answer');
    this.asked = undefined;
    if (answer.first > this.parts.memory.committed) this.onCutOff(from, answer.first);
    if (!news) {
      if (this.behind > 0) this.onFruitless();
      return;
    }
    this.fruitless = 0;
    this.setGoal();
    if (answer.committed > this.parts.memory.committed) this.ask(from);
  }

  /** The log goes on from a snapshot: what came after it is asked for at once. */
  onInstalled(): void {
    this.asked = undefined;
    this.fruitless = 0;
    this.setGoal();
    if (this.behind > 0) this.ask(this.nextPeer());
  }

  /** Said once of a peer, as long as nothing changes. A server that is new has nothing to restore before it votes. */
  private onCutOff(peer: ServerId, first: Round): void {
    const { memory, nowMs, limits, outbox } = this.parts;
    const { cutOff } = this;
    if (memory.standing === 'new') return;
    if (cutOff?.peer === peer && cutOff.missing === memory.committed) return;
    if (cutOff && nowMs - cutOff.atMs < limits.questionTimeoutMs) return;
    this.cutOff = { peer, missing: memory.committed, atMs: nowMs };
    outbox.emit({ type: 'behind', peer, first });
  }

  private onFruitless(): void {
    this.asked = undefined;
    this.fruitless += 1;
    this.setGoal();
  }

  private setGoal(): void {
    const { memory, nowMs } = this.parts;
    this.goal = { round: memory.committed + this.behind, sinceMs: nowMs };
  }

  private ask(peer: ServerId | undefined): void {
    if (peer === undefined) return;
    const { memory, nowMs, outbox } = this.parts;
    this.asked = { peer, from: memory.committed, sinceMs: nowMs };
    outbox.ask(peer, { type: 'RequestValue', from: memory.committed });
  }

  /** The leader, then the others in turn; those who told that they have more before those who did not. */
  private nextPeer(): ServerId | undefined {
    const { membership, memory, peers } = this.parts;
    const leader = this.leader();
    const ahead = membership.peers.filter((id) => peers.get(id).committed > memory.committed);
    const able = ahead.length > 0 ? ahead : membership.peers;
    const order = able.includes(leader) ? [leader, ...able.filter((id) => id !== leader)] : able;
    return order[this.fruitless % order.length];
  }
}
