/**
 * The effects of one step, in their order: first what rests on nothing durable, last one write with all that may leave
 * only after it. As writes become durable in order, an answer that waits for an empty write waits for all earlier ones.
 */
import type { ServerId } from './ballot';
import type { Effect, QuestionId } from './effects';
import type { Memory } from './memory';
import type { Answer, BroadcastMessage, Question } from './messages';

export class Outbox {
  private effects: Effect[] = [];
  private waiting: Effect[] = [];

  emit(effect: Effect): void {
    this.effects.push(effect);
  }

  broadcast(message: BroadcastMessage): void {
    this.effects.push({ type: 'broadcast', message });
  }

  ask(to: ServerId, message: Question): void {
    this.effects.push({ type: 'ask', to, message });
  }

  reply(to: ServerId, question: QuestionId, message: Answer): void {
    this.effects.push({ type: 'reply', to, question, message });
  }

  /** For what reveals a promise, a vote or an incarnation: leaves once all that was written until now is durable. */
  afterDurable(effect: Effect): void {
    this.waiting.push(effect);
  }

  /** The effects of this step, its write among them when there is one to make. */
  take(memory: Memory): Effect[] {
    const effects = this.effects;
    this.effects = [];
    if (!memory.writeDue && this.waiting.length === 0) return effects;
    // biome-ignore lint/suspicious/noThenProperty: nobody awaits an effect
    effects.push({ type: 'persist', write: memory.takeWrite(), then: this.waiting });
    this.waiting = [];
    return effects;
  }
}
