/** What the network does to whatever travels on it. Changed by the faults of a run, and calm at its end. */
import { type Random, randomInt } from '../../src/lib/prng';

/** What a message is: as each may be lost by itself. */
export const CHANNELS = ['publish', 'question', 'answer', 'client'] as const;

export type Channel = (typeof CHANNELS)[number];

/** Links between hosts, each way by itself. */
type Way = string;

/** What is wrong for a while. Shares are in [0, 1). */
export interface Spoil {
  /** Of each kind of message the share that is lost. */
  readonly loss?: Partial<Record<Channel, number>>;
  /** The share that comes twice. */
  readonly repeats?: number;
  /** The share that is overtaken by those sent after it. */
  readonly overtaken?: number;
  /** The share that takes up to `slowMs`. */
  readonly slow?: number;
  readonly slowMs?: number;
}

/** On its way at least so long, and at most so much longer. Milliseconds. */
const TRAVEL_MS = { least: 0.1, more: 0.4 };

export class Weather {
  /** An answer that comes late is taken for that of whatever is asked then. */
  staleAnswers = false;
  private readonly spoils = new Set<Spoil>();
  /** The worst of all of them. */
  private readonly loss: Record<Channel, number> = { publish: 0, question: 0, answer: 0, client: 0 };
  private repeats = 0;
  private overtaken = 0;
  private slow = 0;
  private slowMs = 0;
  /** Ways on which nothing arrives, and on which nothing of some kind does until then. */
  private readonly cuts = new Map<Way, number>();
  private readonly runs = new Map<Way, number>();

  constructor(private readonly random: Random) {}

  calm(): void {
    this.spoils.clear();
    this.sumUp();
    this.cuts.clear();
    this.runs.clear();
  }

  /** @returns what ends it */
  spoil(spoil: Spoil): () => void {
    this.spoils.add(spoil);
    this.sumUp();
    return () => {
      this.spoils.delete(spoil);
      this.sumUp();
    };
  }

  cut(from: string, to: string, untilMs: number): void {
    extend(this.cuts, way(from, to), untilMs);
  }

  isCut(from: string, to: string, nowMs: number): boolean {
    return nowMs < (this.cuts.get(way(from, to)) ?? 0);
  }

  /** All of one kind is lost on that way, as when a queue is full or a reader was slow to join. */
  lose(from: string, to: string, channel: Channel, untilMs: number): void {
    extend(this.runs, way(from, to) + channel, untilMs);
  }

  isLost(from: string, to: string, channel: Channel, nowMs: number): boolean {
    if (this.isCut(from, to, nowMs)) return true;
    if (this.runs.size > 0 && nowMs < (this.runs.get(way(from, to) + channel) ?? 0)) return true;
    const loss = this.loss[channel];
    return loss > 0 && this.random.next() < loss;
  }

  /** How long a message is on its way. */
  travelMs(): number {
    const usual = TRAVEL_MS.least + TRAVEL_MS.more * this.random.next();
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

  private sumUp(): void {
    const spoils = [...this.spoils];
    const worst = (share: (spoil: Spoil) => number | undefined) =>
      Math.max(0, ...spoils.map((spoil) => share(spoil) ?? 0));
    for (const channel of CHANNELS) this.loss[channel] = worst(({ loss }) => loss?.[channel]);
    this.repeats = worst(({ repeats }) => repeats);
    this.overtaken = worst(({ overtaken }) => overtaken);
    this.slow = worst(({ slow }) => slow);
    this.slowMs = worst(({ slowMs }) => slowMs);
  }
}

function extend(times: Map<Way, number>, at: Way, untilMs: number): void {
  times.set(at, Math.max(untilMs, times.get(at) ?? 0));
}

function way(from: string, to: string): Way {
  return `${from}>${to}:`;
}
