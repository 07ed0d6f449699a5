/** A client of a peer that keeps a number of posts outstanding, and what came back. */
import type { PeerClient } from './peer';

export class PeerPoster {
  latenciesMs: number[] = [];
  deliveries = 0;
  private posting = false;

  constructor(
    private readonly client: PeerClient,
    private readonly onFailure: (error: Error) => void,
  ) {}

  /** Counts what everybody posts from now on. */
  async read(): Promise<void> {
    await this.client.read((count) => {
      this.deliveries += count;
    });
  }

  start(window: number): void {
    this.posting = true;
    for (let count = 0; count < window; count += 1) this.postOne();
  }

  reset(): void {
    this.latenciesMs = [];
    this.deliveries = 0;
  }

  async close(): Promise<void> {
    this.posting = false;
    await this.client.close();
  }

  private postOne(): void {
    const sentAt = performance.now();
    this.client.post((error) => {
      if (!this.posting) return;
      if (error) return this.onFailure(error);
      this.latenciesMs.push(performance.now() - sentAt);
      this.postOne();
    });
  }
}
