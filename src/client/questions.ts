/**
 * Questions to the server that have no answer yet. They survive a reroute: the next server is asked. Whoever joins a
 * room and asks who is there means to be among them: a question waits until the changes made before it have an outcome.
 */
import { utf8Length } from '../chat/text';
import type { Random } from '../lib/prng';
import { type ClientRequest, TOO_MANY_QUESTIONS } from '../wire/client';
import { NO_ORIGIN, type Origin } from './events';
import { type ClientLimits, MAX_NAME_UNITS, MAX_QUESTIONS } from './limits';
import type { Outlet } from './outlet';
import { Retry } from './retry';

export { TOO_MANY_QUESTIONS };

export type Question = Extract<
  ClientRequest,
  { readonly type: 'history' | 'search' | 'query' | 'why' | 'cluster' | 'digest' | 'place' }
>;
type WithoutId<Full> = Full extends Question ? Omit<Full, 'id'> : never;
/** A question as it is asked: it gets its number when it is sent. */
export type Asked = WithoutId<Question>;

/** A question that has its answer, and whence it came. */
export interface Settled {
  readonly question: Question;
  readonly origin: Origin;
}

interface Waiting extends Settled {
  /** The sequence of the command that it waits for. */
  after: number;
  /** It was sent on the present attachment. */
  isSent: boolean;
}

export class Questions {
  private readonly asked = new Map<number, Waiting>();
  private readonly again: Retry;
  private readonly textBytes: number;
  private readonly atOnce: number;
  private lastId = 0;
  /** Commands up to this sequence have an outcome. */
  private settledThrough = 0;

  constructor(
    { resendMs, resendMostMs, textBytes, questionsAtOnce }: ClientLimits,
    random: Random,
    private readonly out: Outlet,
    /** @returns false: not now */
    private readonly send: (question: Question) => boolean,
  ) {
    this.again = new Retry(resendMs, resendMostMs, random);
    this.textBytes = textBytes;
    this.atOnce = questionsAtOnce;
  }

  get size(): number {
    return this.asked.size;
  }

  /**
   * @param after the sequence of the command that it waits for; 0 for none
   * @returns the question's id, undefined when it cannot be asked: then an error was told
   */
  ask(question: Asked, after: number, nowMs: number, origin = NO_ORIGIN): number | undefined {
    const name = nameIn(question);
    if (this.asked.size >= MAX_QUESTIONS) {
      this.out.tellError(TOO_MANY_QUESTIONS, `${MAX_QUESTIONS} questions have no answer yet`, origin);
      return undefined;
    }
    if (name.length > MAX_NAME_UNITS || !name.isWellFormed()) {
      this.out.tellError('not-found', `there is no ${name.slice(0, 32).toWellFormed()}…`, origin);
      return undefined;
    }
    const text = question.type === 'search' ? question.text : '';
    if (!text.isWellFormed() || utf8Length(text) > this.textBytes) {
      const allowed = `a text to search for has at most ${this.textBytes} bytes of well-formed Unicode`;
      this.out.tellError('bad-text', allowed, origin);
      return undefined;
    }
    this.lastId += 1;
    this.asked.set(this.lastId, { question: { ...question, id: this.lastId }, after, origin, isSent: false });
    this.again.arm(nowMs);
    this.sendNext();
    return this.lastId;
  }

  /** The question is answered, or not to be asked any more. @returns it, undefined when it had an answer already */
  settle(id: number): Settled | undefined {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (asked?.isSent) this.sendNext();
    return asked;
  }

  /** Commands up to this sequence have an outcome now. */
  onSettled(through: number): void {
    if (through === this.settledThrough) return;
    this.settledThrough = through;
    this.sendNext();
  }

  /** The command with this sequence was taken back: those after it have one less. */
  onCancelled(seq: number): void {
    for (const asked of this.asked.values()) if (asked.after > seq) asked.after -= 1;
  }

  /** Another session, with sequences of its own. @param after the command in it that everything waits for */
  restart(after: number): void {
    this.settledThrough = 0;
    for (const asked of this.asked.values()) Object.assign(asked, { after, isSent: false });
  }

  /** A new attachment: everything is asked there. */
  askAll(nowMs: number): void {
    this.again.arm(nowMs);
    for (const asked of this.asked.values()) asked.isSent = false;
    this.sendNext();
  }

  tick(nowMs: number): void {
    if (this.asked.size === 0 || !this.again.due(nowMs)) return;
    for (const asked of this.asked.values()) asked.isSent = false;
    this.sendNext();
  }

  /** Few at a time, in their order, but for those that wait for a command; how the servers are, out of turn. */
  private sendNext(): void {
    let sent = 0;
    for (const asked of this.asked.values()) {
      if (asked.question.type !== 'cluster') {
        if (sent === this.atOnce || asked.after > this.settledThrough) continue;
        sent += 1;
      }
      if (!asked.isSent) asked.isSent = this.send(asked.question);
    }
  }
}

/** The name of a room or of somebody that is in a question. */
function nameIn(question: Asked): string {
  if (question.type === 'cluster') return '';
  return question.type === 'query' ? question.name : question.room;
}
