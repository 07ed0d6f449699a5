/**
 * The window that is measured: the real one, on a client that gives it more messages than anybody reads. It runs on a
 * terminal, and tells in signals what is to be typed, and what it saw.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../../src/chat/commands';
import type { ClientEvent, MessageEvent } from '../../src/client/events';
import type { Asked } from '../../src/client/questions';
import { showWindow } from '../../src/client/ui/window';
import { MAX_LINES_SCROLLED } from '../../src/client/window/model';
import { quantile } from '../figures';
import { residentMbOf } from '../memory';
import { encodeSignal, type Signal, type Typing } from './signals';

const [seconds = 10, messagesPerSec = 5000] = process.argv.slice(2).map(Number);
const [nick, room, server, session] = ['alice', 'lobby', 1, '00000000000000aa'];
const OTHER = '00000000000000bb';
const FEED_MS = 5;
const SETTLE_MS = 500;
/** As much of the past as a window keeps, and what it has anyway. */
const EARLIER = 2 * MAX_LINES_SCROLLED;
const TEXT = 'what somebody says, as long as most of what people say, and no longer';

/** A client that is served by nobody. Lines of the past are there for whoever asks, with lower indexes. */
class Feeder {
  readonly unconfirmedLines = 0;
  readonly nextTryMs = undefined;
  messages = 0;
  earlierLines = 0;
  private index = EARLIER;
  private seq = 0;
  private feeding: NodeJS.Timeout | undefined;

  constructor(private readonly onEvent: (event: ClientEvent) => void) {
    setImmediate(() => {
      onEvent({ type: 'welcome', session, server, nick, position: this.index });
      onEvent({ type: 'status', state: 'online', server, reason: '' });
    });
  }

  /** From now on, so many a second. */
  feed(): void {
    const startedAt = performance.now();
    let fed = 0;
    this.feeding = setInterval(() => {
      const due = ((performance.now() - startedAt) / 1000) * messagesPerSec;
      for (; fed < due; fed += 1) this.say(OTHER, 'bob', 0, TEXT);
    }, FEED_MS);
  }

  rest(): void {
    clearInterval(this.feeding);
  }

  readonly isKept = false;

  cancel(): void {}

  post(command: Command, id = ''): void {
    if (command.type !== 'say') return;
    const seq = ++this.seq;
    const { text } = command;
    setImmediate(() => {
      this.onEvent({ type: 'ack', id, seq, position: this.index + 1, round: this.index + 1 });
      this.say(session, nick, seq, text);
    });
  }

  ask(question: Asked): void {
    if (question.type !== 'history') return;
    const { room: asked, before, limit } = question;
    const first = Math.max(1, before - limit);
    const lines = Array.from({ length: before - first }, (_, at) => lineOf(first + at, OTHER, 'carol', 0, TEXT));
    this.earlierLines += lines.length;
    setImmediate(() => this.onEvent({ type: 'history', room: asked, lines, more: first > 1 }));
  }

  markRead(): void {}
  dispose(): void {}

  close(): void {
    this.onEvent({ type: 'ended', status: 0 });
  }

  private say(by: string, who: string, seq: number, text: string): void {
    this.index += 1;
    this.messages += 1;
    this.onEvent(lineOf(this.index, by, who, seq, text));
  }
}

function lineOf(index: number, by: string, who: string, seq: number, text: string): MessageEvent {
  const time = Date.now();
  return { type: 'message', position: index, room, index, round: index, nick: who, text, time, session: by, seq };
}

let feeder: Feeder | undefined;
const handled: number[] = [];

async function run(): Promise<void> {
  const shown = showWindow({
    nick,
    room,
    greeting: [],
    wallMs: () => Date.now(),
    prefer: (preferences) => preferences,
    logsIn: (logs) => logs,
    connect: (onEvent) => {
      feeder = new Feeder(onEvent);
      return feeder;
    },
  });
  // After the window's own listener: by then it has handled what was typed.
  process.stdin.on('data', () => handled.push(performance.now()));
  await sleep(SETTLE_MS);
  await phase('open room', 'lines', forSeconds, true);
  await phase('as long again', 'lines', forSeconds, true);
  await phase('paging back', 'back', untilBack, false);
  await phase('scrolled back', 'pages', forSeconds, true);
  await phase('resizes', 'resizes', forSeconds, true);
  tell({ type: 'end' });
  feeder?.close();
  process.exitCode = await shown;
}

async function phase(name: string, typing: Typing, until: () => Promise<unknown>, isFed: boolean): Promise<void> {
  if (!feeder) return;
  tell({ type: 'phase', phase: name, typing });
  const startedAt = performance.now();
  const { messages } = feeder;
  handled.length = 0;
  if (isFed) feeder.feed();
  await until();
  feeder.rest();
  const elapsed = (performance.now() - startedAt) / 1000;
  const gaps = handled.slice(1).map((at, key) => at - (handled[key] as number));
  const keys = handled.length;
  const sorted = gaps.sort((a, b) => a - b);
  await sleep(SETTLE_MS);
  global.gc?.();
  tell({
    type: 'report',
    report: {
      phase: name,
      messagesPerSec: Math.round((feeder.messages - messages) / elapsed),
      keys,
      longestGapMs: rounded(quantile(sorted, 1)),
      p99GapMs: rounded(quantile(sorted, 0.99)),
      earlierLines: feeder.earlierLines,
      heapMb: rounded(process.memoryUsage().heapUsed / 1e6),
      residentMb: rounded(residentMbOf(process.pid)),
    },
  });
}

function forSeconds(): Promise<unknown> {
  return sleep(seconds * 1000);
}

/** As many lines are there as a window keeps. */
async function untilBack(): Promise<void> {
  while ((feeder?.earlierLines ?? 0) < MAX_LINES_SCROLLED) await sleep(FEED_MS);
}

function tell(signal: Signal): void {
  process.stdout.write(encodeSignal(signal));
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}

void run();
