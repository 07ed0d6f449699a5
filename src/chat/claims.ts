/** Whose each nick is: the person's who took it first, until that one gives it up, hands it over, or stays away too long. */
import type { PersonKey } from './commands';
import { fold, skeletonsOf } from './names';

export interface Claim {
  /** As it was taken first. */
  readonly nick: string;
  readonly key: PersonKey;
  /** To whom it is handed over, once that person takes it; '' for nobody. */
  readonly offered: PersonKey;
  /** The log's time when it was taken. */
  readonly since: number;
  /** The log's time when somebody last began or ended to be called so. */
  readonly seen: number;
}

/** A nick is kept for so many times as long as it was used, … */
const USE_COUNTS = 10;
/** … and for a day at least, milliseconds: whoever takes many and never uses them has them for no longer. */
const LEAST_KEPT_MS = 24 * 3600 * 1000;

/** The log's time from which on nobody has a nick any more, unless it is used again. */
export function lapsesAt({ since, seen }: Claim, nickTtlMs: number): number {
  return seen + Math.min(nickTtlMs, Math.max(LEAST_KEPT_MS, USE_COUNTS * (seen - since)));
}

export class Claims {
  /** By folded nick. */
  private readonly byNick = new Map<string, Claim>();
  /** The folded nicks that look alike, by what they look like. */
  private readonly byLooks = new Map<string, Set<string>>();
  private readonly counts = new Map<PersonKey, number>();

  constructor(claims: Iterable<Claim> = []) {
    for (const claim of claims) this.set(claim);
  }

  get size(): number {
    return this.byNick.size;
  }

  [Symbol.iterator](): IterableIterator<Claim> {
    return this.byNick.values();
  }

  of(nick: string): Claim | undefined {
    return this.byNick.get(fold(nick));
  }

  /** All that this nick could be taken for, itself among them; some of them twice. */
  *alike(nick: string): IterableIterator<Claim> {
    for (const looks of skeletonsOf(nick)) {
      for (const other of this.byLooks.get(looks) ?? []) yield this.byNick.get(other) as Claim;
    }
  }

  /** A nick of somebody else that this one could be taken for, or that it is, and that is not offered to the person. */
  clashing(nick: string, key: PersonKey): Claim | undefined {
    for (const claim of this.alike(nick)) if (claim.key !== key && claim.offered !== key) return claim;
    return undefined;
  }

  /** How many nicks a person has. */
  countOf(key: PersonKey): number {
    return this.counts.get(key) ?? 0;
  }

  /** In the place of one that there is. */
  set(claim: Claim): void {
    this.remove(claim.nick);
    const folded = fold(claim.nick);
    this.byNick.set(folded, claim);
    for (const looks of skeletonsOf(claim.nick)) {
      const alike = this.byLooks.get(looks);
      if (alike) alike.add(folded);
      else this.byLooks.set(looks, new Set([folded]));
    }
    this.counts.set(claim.key, this.countOf(claim.key) + 1);
  }

  remove(nick: string): void {
    const claim = this.of(nick);
    if (!claim) return;
    const folded = fold(nick);
    this.byNick.delete(folded);
    for (const looks of skeletonsOf(claim.nick)) {
      const alike = this.byLooks.get(looks);
      alike?.delete(folded);
      if (alike?.size === 0) this.byLooks.delete(looks);
    }
    const left = this.countOf(claim.key) - 1;
    if (left > 0) this.counts.set(claim.key, left);
    else this.counts.delete(claim.key);
  }
}
