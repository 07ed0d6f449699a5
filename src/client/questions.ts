/** Questions to the server that have no answer yet. They survive a reroute: the next server is asked. */
import type { Random } from '../lib/prng';
import type { ClientRequest } from '../wire/client';
import { type ClientLimits, MAX_NAME_UNITS, MAX_QUESTIONS } from './limits';
import type { Outlet } from './outlet';
import { Retry } from './retry';

export type Question = Extract<ClientRequest, { readonly type: 'history' | 'query' }>;
type WithoutId<Asked> = Asked extends Question ? Omit<Asked, 'id'> : never;

export class Questions {
  private readonly asked = new Map<number, Question>();
  private readonly again: Retry;
  private lastId = 0;

  constructor(
    { resendMs, resendMostMs }: ClientLimits,
    random: Random,
    private readonly out: Outlet,
    private readonly send: (question: Question) => void,
  ) {
    this.again = new Retry(resendMs, resendMostMs, random);
  }

  get size(): number {
    return this.asked.size;
  }

  /** @returns the question's id, undefined when it cannot be asked: then an error was told */
  ask(question: WithoutId<Question>, nowMs: number): number | undefined {
    const name = question.type === 'history' ? question.room : question.name;
    if (this.asked.size >= MAX_QUESTIONS) {
      this.out.tellError('too-many-questions', `${MAX_QUESTIONS} questions have no answer yet`);
      return undefined;
    }
    if (name.length > MAX_NAME_UNITS || !name.isWellFormed()) {
      this.out.tellError('not-found', `there is no ${name.slice(0, 32).toWellFormed()}…`);
      return undefined;
    }
    this.lastId += 1;
    const asked = { ...question, id: this.lastId };
    this.asked.set(asked.id, asked);
    this.again.arm(nowMs);
    this.send(asked);
    return asked.id;
  }

  /** The question is answered, or not to be asked any more. @returns it, undefined when it had an answer already */
  settle(id: number): Question | undefined {
    const question = this.asked.get(id);
    this.asked.delete(id);
    return question;
  }

  /** A new attachment: everything is asked there. */
  askAll(nowMs: number): void {
    this.again.arm(nowMs);
    for (const question of this.asked.values()) this.send(question);
  }

  tick(nowMs: number): void {
    if (this.asked.size > 0 && this.again.due(nowMs)) for (const question of this.asked.values()) this.send(question);
  }
}
