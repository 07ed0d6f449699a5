/** What the network does to whatever travels on it. Changed by the faults of a run, and calm at its end. */
import { type Random, randomInt } from '../../src/lib/prng';

/** What a message is: as each may be lost by itself. */
export type Channel = 'publish' | 'question' | 'answer' | 'client';

/** Links between hosts, each way by itself. */
type Way = string;

export class Weather {
  /** Of each kind of message the share that is lost. */
  readonly loss: Record<Channel, number> = { publish: 0, question: 0, answer: 0, client: 0 };
  /** The share that comes twice. */
  repeats = 0;
  /** The share that is overtaken by those sent after it. */
  overtaken = 0;
  /** On its way at least so long, and at most so much longer. Milliseconds. */
  delayMs = { least: 0.1, more: 0.4 };
  /** The share that takes up to `slowMs`. */
  slow = 0;
  slowMs = 100;
  /** An answer that comes late is taken for that of whatever is asked then. */
  staleAnswers = false;
  /** Ways on which nothing arrives, and on which nothing of some kind does until then. */
  private readonly cuts = new Map<Way, number>();
  private readonly runs = new Map<Way, number>();

  constructor(private readonly random: Random) {}

  calm(): void {
    for (const channel of Object.keys(this.loss) as Channel[]) this.loss[channel] = 0;
    this.repeats = 0;
    this.overtaken = 0;
    this.slow = 0;
    this.cuts.clear();
    this.runs.clear();
  }

  cut(from: string, to: string, untilMs: number): void {
    this.cuts.set(way(from, to), untilMs);
  }

  isCut(from: string, to: string, nowMs: number): boolean {
    return nowMs < (this.cuts.get(way(from, to)) ?? 0);
  }

  /** All of one kind is lost on that way, as when a queue is full or a reader was slow to join. */
  lose(from: string, to: string, channel: Channel, untilMs: number): void {
    this.runs.set(way(from, to) + channel, untilMs);
  }

  isLost(from: string, to: string, channel: Channel, nowMs: number): boolean {
    if (this.isCut(from, to, nowMs)) return true;
    if (nowMs < (this.runs.get(way(from, to) + channel) ?? 0)) return true;
    const loss = this.loss[channel];
    return loss > 0 && this.random.next() < loss;
  }

  /** How long a message is on its way. */
  travelMs(): number {
    const { least, more } = this.delayMs;
    const usual = least + more * this.random.next();
    return this.slow > 0 && this.random.next() < this.slow ? usual + this.slowMs * this.random.next() : usual;
  }

  isRepeated(): boolean {
    return this.repeats > 0 && this.random.next() < this.repeats;
  }

  isOvertaken(): boolean {
    return this.overtaken > 0 && this.random.next() < this.overtaken;
  }

  /** Milliseconds in [low, high). */
  between(low: number, high: number): number {
    return randomInt(this.random, low, high);
  }
}

function way(from: string, to: string): Way {
  return `${from}>${to}:`;
}
