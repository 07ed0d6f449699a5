/** Who may do what: what the configuration says, and what operators have decided since. */
import type { AccessMode, AccessRules, PersonKey, RulingKind } from './commands';

/** What operators decided of one person. */
export interface Ruling {
  readonly kind: RulingKind;
  readonly key: PersonKey;
  /** What the person was called. */
  readonly nick: string;
  readonly text: string;
  /** The nick of the operator. */
  readonly by: string;
  /** The log's. */
  readonly time: number;
}

export const OPEN_TO_ALL: AccessRules = { mode: 'open', operators: [], listed: [], unlimited: [] };

/** Rulings that say the opposite: the later one counts. */
const OPPOSITE: Partial<Record<RulingKind, RulingKind>> = { admit: 'expel', expel: 'admit' };

export interface PeopleImage {
  readonly rules: AccessRules;
  /** What an operator said of it last, '' for what the rules say. */
  readonly mode: AccessMode | '';
  /** In the order in which they were made. */
  readonly rulings: readonly Ruling[];
}

export class People {
  private written: AccessRules;
  private decided: AccessMode | '';
  private operators: ReadonlySet<PersonKey> = new Set();
  private listed: ReadonlySet<PersonKey> = new Set();
  private unlimited: ReadonlySet<PersonKey> = new Set();
  private readonly rulings = new Map<string, Ruling>();

  constructor({ rules, mode, rulings }: PeopleImage = { rules: OPEN_TO_ALL, mode: '', rulings: [] }) {
    this.written = rules;
    this.decided = mode;
    for (const ruling of rulings) this.rulings.set(keyOf(ruling.kind, ruling.key), ruling);
    this.index();
  }

  get size(): number {
    return this.rulings.size;
  }

  get mode(): AccessMode {
    return this.decided === '' ? this.written.mode : this.decided;
  }

  get rules(): AccessRules {
    return this.written;
  }

  /** What there is now; what comes does not change it. */
  image(): PeopleImage {
    return { rules: this.written, mode: this.decided, rulings: [...this.rulings.values()] };
  }

  isOperator(key: PersonKey): boolean {
    return this.operators.has(key);
  }

  isUnlimited(key: PersonKey): boolean {
    return this.unlimited.has(key);
  }

  ruling(kind: RulingKind, key: PersonKey): Ruling | undefined {
    if (this.rulings.size === 0) return undefined;
    return this.rulings.get(keyOf(kind, key));
  }

  /** Whether the person is on the list: that counts when the cluster is not open to all. */
  isListed(key: PersonKey): boolean {
    if (this.operators.has(key) || this.ruling('admit', key)) return true;
    return (this.listed.has(key) || this.unlimited.has(key)) && !this.ruling('expel', key);
  }

  /** The newer word counts: what an operator said of the mode is void once the configuration says another one. */
  setRules(rules: AccessRules): void {
    if (rules.mode !== this.written.mode) this.decided = '';
    this.written = rules;
    this.index();
  }

  setMode(mode: AccessMode): void {
    this.decided = mode;
  }

  /** Whether such a ruling of the person would take the place of one that there is. */
  isReplacing(kind: RulingKind, key: PersonKey): boolean {
    const opposite = OPPOSITE[kind];
    return this.ruling(kind, key) !== undefined || (opposite !== undefined && this.ruling(opposite, key) !== undefined);
  }

  add(ruling: Ruling): void {
    const opposite = OPPOSITE[ruling.kind];
    if (opposite) this.remove(opposite, ruling.key);
    this.remove(ruling.kind, ruling.key);
    this.rulings.set(keyOf(ruling.kind, ruling.key), ruling);
  }

  /** @returns whether there was one */
  remove(kind: RulingKind, key: PersonKey): boolean {
    return this.rulings.delete(keyOf(kind, key));
  }

  private index(): void {
    this.operators = new Set(this.written.operators);
    this.listed = new Set(this.written.listed);
    this.unlimited = new Set(this.written.unlimited);
  }
}

/** Whether two configurations say the same. */
export function sameRules(one: AccessRules, other: AccessRules): boolean {
  const same = (a: readonly string[], b: readonly string[]) =>
    a.length === b.length && a.every((key, at) => key === b[at]);
  return (
    one.mode === other.mode &&
    same(one.operators, other.operators) &&
    same(one.listed, other.listed) &&
    same(one.unlimited, other.unlimited)
  );
}

function keyOf(kind: RulingKind, key: PersonKey): string {
  return `${kind} ${key}`;
}
