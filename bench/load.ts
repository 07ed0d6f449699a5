/** Clients in this process that post, and what came back. */
import type { NewClient } from './client';
import { Poster } from './poster';
import type { Acknowledged } from './verify';

export interface LoadSettings {
  readonly clients: number;
  /** Bytes of a post. */
  readonly size: number;
  /** Of all of them: each client has its share of them to itself, or where there are fewer rooms, shares one. */
  readonly rooms: number;
  /** What its clients and rooms are called. */
  readonly name: string;
}

/** Clients that come at once: it is not a stampede that is measured. */
const WAVE = 100;
const SETTLE_MS = 30_000;
const LOOK_MS = 20;

export class Load {
  readonly posters: Poster[] = [];
  private failure: string | undefined;

  private constructor(private readonly settings: LoadSettings) {}

  /** @returns once all of them are in their rooms */
  static async online(newClient: NewClient, settings: LoadSettings): Promise<Load> {
    const load = new Load(settings);
    while (load.posters.length < settings.clients) {
      const count = Math.min(WAVE, settings.clients - load.posters.length);
      const wave = Array.from({ length: count }, (_, index) => load.poster(newClient, load.posters.length + index));
      load.posters.push(...wave);
      await Promise.all(wave.map((poster) => poster.online));
    }
    return load;
  }

  private poster(newClient: NewClient, index: number): Poster {
    const { name, size } = this.settings;
    const fail = (reason: string) => {
      this.failure ??= reason;
    };
    return new Poster(newClient, { nick: `${name}-${index}`, rooms: this.roomsOf(index), size, fail });
  }

  private roomsOf(index: number): readonly string[] {
    const { name, rooms, clients } = this.settings;
    const own: string[] = [];
    for (let room = index % rooms; room < rooms; room += clients) own.push(`${name}-${room}`);
    return own;
  }

  /** Posts so far, those on their way among them. */
  get posted(): number {
    return this.posters.reduce((sum, { posted }) => sum + posted, 0);
  }

  /** Posts acknowledged since the last `reset`. */
  get acknowledged(): number {
    return this.posters.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0);
  }

  get deliveries(): number {
    return this.posters.reduce((sum, { deliveries }) => sum + deliveries, 0);
  }

  /** How old the lines were that were delivered since then. */
  delaysMs(): Float64Array {
    return Float64Array.from(this.posters.flatMap(({ delaysMs }) => delaysMs));
  }

  /** What all of them were told since they came. */
  get told(): Acknowledged {
    const { name, rooms } = this.settings;
    return {
      rooms: Array.from({ length: rooms }, (_, room) => `${name}-${room}`),
      sessions: this.posters.map(({ told }) => told),
    };
  }

  /** @param window posts of each client that are sent and not acknowledged */
  start(window: number): void {
    for (const poster of this.posters) poster.start(window);
  }

  reset(): void {
    for (const poster of this.posters) poster.reset();
  }

  /** Ends the posting, and checks that every acknowledged post was delivered once and nothing else was. */
  async finish(): Promise<void> {
    for (const poster of this.posters) poster.stop();
    const deadline = performance.now() + SETTLE_MS;
    while (!this.posters.every((poster) => poster.settled)) {
      if (performance.now() > deadline) throw new Error('posts that were acknowledged were not delivered, or not once');
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    if (this.failure) throw new Error(this.failure);
  }

  dispose(): void {
    for (const poster of this.posters) poster.dispose();
  }
}
