/** `synod history`: prints lines of a room of a running cluster, read page by page. */
import { createHash } from 'node:crypto';
import { AUDIT_ROOM, badRoom, roomName } from '../chat/names';
import { MAX_HISTORY } from '../client/command-entry';
import type { ClientEvent, MessageEvent } from '../client/events';
import { datedLine } from '../client/plain';
import { Client } from '../client/shell';
import { EXIT, ExitError } from '../lib/exit';
import { thisMachine } from '../lib/machine';
import type { Signer } from '../lib/signer';
import type { Transport } from '../transport/transport';
import { createZeroMqTransport } from '../transport/zeromq';
import { freshRandom } from './context';
import { type IdentityFlags, signerFor } from './identity';
import { type Target, type TargetFlags, targetOf } from './target';

export interface HistoryFlags extends TargetFlags, IdentityFlags {
  readonly room: string;
  readonly from?: number;
  readonly to?: number;
  readonly search?: string;
  readonly json?: boolean;
}

type EventOf<Type extends ClientEvent['type']> = Extract<ClientEvent, { readonly type: Type }>;

/** How long an answer may take, the way to the cluster included. Seconds. */
const ANSWER_S = 10;
/** Lines that are searched before what was found is printed. */
const STRETCH_LINES = 50_000;
/** How long the end of the session waits for the log to hear of it, milliseconds. */
const CLOSE_MS = 500;

/** @returns the exit status */
export async function history(flags: HistoryFlags): Promise<number> {
  const target = targetOf(flags);
  const room = flags.room === AUDIT_ROOM ? AUDIT_ROOM : roomName(flags.room, target.limits.chat);
  if (room === undefined) {
    throw new ExitError(EXIT.usage, `--room ${flags.room}: ${badRoom(flags.room, target.limits.chat).message}`);
  }
  const { from = 1, to = Number.MAX_SAFE_INTEGER, search, json } = flags;
  if (from > to) throw new ExitError(EXIT.usage, `--from ${from} is above --to ${to}`);
  const signer = signerFor(flags);
  const transport = createZeroMqTransport({
    limits: target.limits.transport,
    random: freshRandom(),
    security: target.security,
  });
  const reader = new Reader(target, room, signer, transport);
  try {
    const pages = search === undefined ? reader.lines(from, to) : reader.search(search, from, to);
    for await (const lines of pages) {
      await print(lines.map((line) => (json ? JSON.stringify(line) : datedLine(line))));
    }
    await reader.close();
    return EXIT.ok;
  } finally {
    await transport.close(0);
  }
}

/** One for each person, however often they read: it is theirs from then on. As short as a nick may have to be. */
function readerNick({ key }: Signer): string {
  return `reader-${createHash('sha256').update(key).digest('hex').slice(0, 9)}`;
}

/** Waits while whoever reads the output is slow. */
function print(lines: readonly string[]): Promise<void> | undefined {
  if (lines.length === 0 || process.stdout.write(`${lines.join('\n')}\n`)) return undefined;
  return new Promise((resolve) => process.stdout.once('drain', () => resolve()));
}

/** A client that asks one question after the other. */
class Reader {
  private readonly client: Client;
  private onEvent: (event: ClientEvent) => void = () => {};

  constructor(
    private readonly target: Target,
    private readonly room: string,
    signer: Signer,
    transport: Transport,
  ) {
    this.client = new Client({
      endpoint: target.endpoint,
      cluster: target.cluster,
      nick: readerNick(signer),
      signer,
      reclaim: true,
      history: 0,
      limits: target.limits.client,
      transport,
      machine: thisMachine,
      onEvent: (event) => this.onEvent(event),
    });
  }

  /** The lines with indexes from `from` to `to`, in pages, ascending. */
  async *lines(from: number, to: number): AsyncGenerator<readonly MessageEvent[]> {
    const end = Math.min(to, (await this.before(0, 1)).at(-1)?.index ?? 0);
    for (let next = await this.firstKept(from, end); next <= end; next += MAX_HISTORY) {
      yield await this.page(next, Math.min(next + MAX_HISTORY - 1, end));
    }
  }

  /** Those of them that have a text in them. */
  async *search(text: string, from: number, to: number): AsyncGenerator<readonly MessageEvent[]> {
    const end = Math.min(to, (await this.before(0, 1)).at(-1)?.index ?? 0);
    for (let next = await this.firstKept(from, end); next <= end; next += STRETCH_LINES) {
      yield await this.found(text, next, Math.min(next + STRETCH_LINES - 1, end));
    }
  }

  /** Ends the session, so that nobody sees it linger. */
  async close(): Promise<void> {
    const ended = new Promise<void>((resolve) => {
      this.onEvent = ({ type }) => {
        if (type === 'ended') resolve();
      };
      setTimeout(resolve, CLOSE_MS);
    });
    this.client.close();
    await ended;
    this.client.dispose();
  }

  /** All lines from the one index to the other: a server may give fewer at once than it is asked for. */
  private async page(from: number, to: number): Promise<readonly MessageEvent[]> {
    let lines: readonly MessageEvent[] = [];
    for (let before = to + 1; before > from; before = lines[0]?.index ?? from) {
      const some = await this.before(before, before - from);
      if (some.length === 0) break;
      lines = [...some.filter(({ index }) => index >= from), ...lines];
    }
    return lines;
  }

  /** A search goes from the last line to the first: what it finds is turned round stretch by stretch. */
  private async found(text: string, from: number, to: number): Promise<readonly MessageEvent[]> {
    let lines: readonly MessageEvent[] = [];
    for (let before = to + 1; before > from; ) {
      const ask = () => this.client.ask({ type: 'search', room: this.room, text, before, limit: MAX_HISTORY });
      const found = await this.ask('found', ask);
      lines = [...found.lines.filter(({ index }) => index >= from), ...lines];
      before = found.before;
    }
    return lines;
  }

  /** The first index at or above `from` whose line is kept; what retention has let go is the lower part. */
  private async firstKept(from: number, end: number): Promise<number> {
    let [low, high] = [from, end + 1];
    if (low < high && (await this.before(low + 1, 1)).length > 0) return low;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.before(middle + 1, 1)).length > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** At most so many lines, the last ones below an index; 0: of all. */
  private async before(index: number, limit: number): Promise<readonly MessageEvent[]> {
    const answer = await this.ask('history', () =>
      this.client.ask({ type: 'history', room: this.room, before: index, limit }),
    );
    return answer.lines.filter((line) => line.type === 'message').filter((line) => index === 0 || line.index < index);
  }

  private ask<Type extends 'history' | 'found'>(type: Type, send: () => void): Promise<EventOf<Type>> {
    return new Promise((resolve, reject) => {
      const { endpoint } = this.target;
      const late = () => this.client.refusal || `nothing answers at ${endpoint} in ${ANSWER_S} s`;
      const timer = setTimeout(() => reject(new ExitError(EXIT.unreachable, late())), ANSWER_S * 1000);
      this.onEvent = (event) => {
        if (event.type === 'error') reject(new ExitError(EXIT.failure, event.message));
        else if (event.type === type) resolve(event as EventOf<Type>);
        else return;
        clearTimeout(timer);
      };
      send();
    });
  }
}
