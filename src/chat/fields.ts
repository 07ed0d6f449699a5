/** Plain values taken one after the other, each checked. */
import { SnapshotError } from './snapshot';

export class Fields {
  private readonly values: readonly unknown[];
  private at = 0;

  /** @param what they are of, for messages */
  constructor(
    values: unknown,
    private readonly what: string,
  ) {
    if (!Array.isArray(values)) throw new SnapshotError(`${what} is no list`);
    this.values = values;
  }

  uint(name: string): number {
    const value = this.take();
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(name, 'whole number');
  }

  text(name: string): string {
    const value = this.take();
    if (typeof value === 'string') return value;
    throw this.wrong(name, 'text');
  }

  oneOf<Name extends string>(name: string, names: readonly Name[]): Name {
    const found = names.find((one) => one === this.values[this.at]);
    this.at += 1;
    if (found !== undefined) return found;
    throw this.wrong(name, `one of ${names.join(', ')}`);
  }

  flag(name: string): boolean {
    const value = this.take();
    if (typeof value === 'boolean') return value;
    throw this.wrong(name, 'yes or no');
  }

  list(name: string): readonly unknown[] {
    const value = this.take();
    if (Array.isArray(value)) return value;
    throw this.wrong(name, 'list');
  }

  /** A list of so many values. */
  only(name: string, size: number): Fields {
    const [fields, more] = this.groups(name, size);
    if (fields && !more) return fields;
    throw this.wrong(name, `list of ${size}`);
  }

  /** A list, so many values of which belong together. */
  groups(name: string, size: number): readonly Fields[] {
    const list = this.list(name);
    if (list.length % size !== 0) throw this.wrong(name, `list of ${size} each`);
    const what = `${name} of ${this.what}`;
    return Array.from(
      { length: list.length / size },
      (_, at) => new Fields(list.slice(at * size, (at + 1) * size), what),
    );
  }

  /** That was all. */
  end(): void {
    if (this.at < this.values.length) throw new SnapshotError(`${this.what} has more fields than it should`);
  }

  private take(): unknown {
    this.at += 1;
    return this.values[this.at - 1];
  }

  private wrong(name: string, expected: string): SnapshotError {
    return new SnapshotError(`${name} of ${this.what} is no ${expected}`);
  }
}
