/** Which peer to ask next, of those that can give: each has a rest after it gave, a longer one when it was silent. */
export class Givers {
  /** From when on each may be asked, on the monotonic clock. Asked first: asked last. */
  private readonly freeAtMs = new Map<number, number>();

  /** @param first to be asked before the others */
  constructor(peers: readonly number[], first: number) {
    for (const peer of [first, ...peers.filter((other) => other !== first)]) this.freeAtMs.set(peer, 0);
  }

  /** One that may be asked now; of several, who was asked longest ago. @param busy who is being asked already */
  next(nowMs: number, busy: readonly number[]): number | undefined {
    for (const [peer, freeAtMs] of this.freeAtMs) if (freeAtMs <= nowMs && !busy.includes(peer)) return peer;
    return undefined;
  }

  /** Not to be asked for this long, and after the others then. */
  rest(peer: number, nowMs: number, ms: number): void {
    this.freeAtMs.delete(peer);
    this.freeAtMs.set(peer, nowMs + ms);
  }
}
