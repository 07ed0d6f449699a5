/** What many runs came to. */
import type { FaultKind } from './plan';
import type { RunResult } from './simulation';

export class Summary {
  private readonly startedAtMs = performance.now();
  private runs = 0;
  private failed = 0;
  private readonly totals: Record<string, number> = {};
  private readonly faults = new Map<FaultKind, number>();
  private mostEvents = 0;
  private leastEvents = Number.POSITIVE_INFINITY;
  private longestCalmMs = 0;

  constructor(private readonly wanted: number) {}

  add(result: RunResult): void {
    this.runs += 1;
    if (result.violation) this.failed += 1;
    const { events, rounds, acked, shown, checks, counts, virtualMs } = result;
    for (const [name, count] of Object.entries({ events, rounds, acked, shown, checks, virtualMs, ...counts })) {
      this.totals[name] = (this.totals[name] ?? 0) + count;
    }
    for (const [kind, count] of result.faults) this.faults.set(kind, (this.faults.get(kind) ?? 0) + count);
    this.mostEvents = Math.max(this.mostEvents, events);
    this.leastEvents = Math.min(this.leastEvents, events);
    this.longestCalmMs = Math.max(this.longestCalmMs, result.calmAfterMs);
  }

  progress(): string {
    const width = 30;
    const done = Math.round((width * this.runs) / this.wanted);
    const bar = `${'#'.repeat(done)}${'.'.repeat(width - done)}`;
    return `[${bar}] ${this.runs} of ${this.wanted}, ${this.perSecond()} seeds/s, ${this.failed} failed`;
  }

  show(): string {
    const { events = 0, rounds = 0, acked = 0, shown = 0, checks = 0, virtualMs = 0, ...counts } = this.totals;
    const rows: readonly (readonly [string, string])[] = [
      ['seeds', `${this.runs}, ${this.failed} failed, ${this.perSecond()} a second`],
      ['virtual time', `${Math.round(virtualMs / 3_600_000)} h`],
      ['events', `${count(events)}, ${count(this.leastEvents)} to ${count(this.mostEvents)} a seed`],
      ['faults', `${count([...this.faults.values()].reduce((sum, one) => sum + one, 0))}: ${this.showFaults()}`],
      [
        'messages',
        `${count(counts.messages ?? 0)}, ${count(counts.lost ?? 0)} lost, ${count(counts.refused ?? 0)} not read`,
      ],
      ['elections', count(counts.elections ?? 0)],
      ['server starts', `${count(counts.restarts ?? 0)}, ${count(counts.repairs ?? 0)} after damage was found`],
      ['snapshots installed', `${count(counts.restored ?? 0)}, ${count(counts.brokenOff ?? 0)} restores broken off`],
      ['rounds committed', count(rounds)],
      ['posts acknowledged', count(acked)],
      ['lines shown', count(shown)],
      ['checks made', count(checks)],
      ['calm again', `within ${(this.longestCalmMs / 1000).toFixed(1)} s of virtual time`],
    ];
    return `${rows.map(([name, value]) => `${name.padEnd(20)} ${value}`).join('\n')}\n`;
  }

  asJson(): object {
    const seconds = (performance.now() - this.startedAtMs) / 1000;
    return { seeds: this.runs, failed: this.failed, seconds, ...this.totals, faults: Object.fromEntries(this.faults) };
  }

  private perSecond(): string {
    return ((1000 * this.runs) / (performance.now() - this.startedAtMs)).toFixed(1);
  }

  private showFaults(): string {
    return [...this.faults]
      .sort(([, a], [, b]) => b - a)
      .map(([kind, number]) => `${kind} ${count(number)}`)
      .join(', ');
  }
}

function count(number: number): string {
  return number.toLocaleString('en');
}
