/** Which peer to ask next, of those that can give: each has a rest after it gave, a longer one when it was silent. */
export class Givers {
  /** From when on each may be asked, on the monotonic clock. Asked first: asked last. */
  private readonly freeAtMs = new Map<number, number>();

  /** @param first to be asked before the others */
  constructor(peers: readonly number[], first: number) {
    for (const peer of [first, ...peers.filter((other) => other !== first)]) this.freeAtMs.set(peer, 0);
  }

  /** The one that may be asked soonest; of several, who was asked longest ago. */
  next(nowMs: number): { readonly peer: number; readonly atMs: number } {
    let best = { peer: 0, atMs: Number.POSITIVE_INFINITY };
    for (const [peer, freeAtMs] of this.freeAtMs) {
      const atMs = Math.max(freeAtMs, nowMs);
      if (atMs < best.atMs) best = { peer, atMs };
    }
    return best;
  }

  /** Not to be asked for this long, and after the others then. */
  rest(peer: number, nowMs: number, ms: number): void {
    this.freeAtMs.delete(peer);
    this.freeAtMs.set(peer, nowMs + ms);
  }
}
