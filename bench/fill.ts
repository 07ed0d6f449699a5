/** Fills the data folders of a cluster that does not run: by the real state machine and history, without the sockets. */

import { type Command, type Entry, gathered } from '../src/chat/commands';
import { ChatState } from '../src/chat/state';
import type { ClusterConfig } from '../src/config/schema';
import { History } from '../src/history/history';
import { systemClock } from '../src/lib/clock';
import { type Random, randomInt, seededRandom } from '../src/lib/prng';
import type { ServerParts } from '../src/server/parts';
import { Snapshots } from '../src/server/snapshots';
import { openDiskStorage } from '../src/storage/disk';
import type { Storage, StorageWrite } from '../src/storage/storage';

const SPEAKERS = 10;
const BATCH = 500;
/** Rounds whose history is written at once. */
const ROUNDS_A_WRITE = 10;
const TIME = 1_700_000_000_000;

export interface Fill {
  readonly messages: number;
  /** Bytes of each. */
  readonly size: number;
  readonly rooms: number;
  readonly progress: (text: string) => void;
}

/** @returns the name of the room that was filled first */
export async function fill(config: ClusterConfig, { messages, size, rooms, progress }: Fill): Promise<string> {
  const storages = await Promise.all(
    config.servers.map(({ id, dataDir }) => openDiskStorage(dataDir, { cluster: config.cluster, server: id })),
  );
  for (const storage of storages) await storage.load();
  const filling = new Filling(config, storages);
  await filling.open(rooms);
  const random = seededRandom(1);
  for (let said = 0; said < messages; ) {
    const count = Math.min(BATCH, messages - said);
    filling.say(
      said / BATCH,
      rooms,
      Array.from({ length: count }, () => textOf(size, random)),
    );
    said += count;
    if ((said / BATCH) % ROUNDS_A_WRITE < 1) {
      await filling.write();
      progress(`filling: ${said} of ${messages}`);
    }
  }
  await filling.end();
  await Promise.all(storages.map((storage) => storage.close()));
  return roomName(0);
}

class Filling {
  private readonly chat: ChatState;
  private readonly history = new History({ bytes: 0 }, 0, 0);
  private readonly seqs = new Map<string, number>();
  private round = 0;
  private readonly waiting: StorageWrite[] = [];

  constructor(
    private readonly config: ClusterConfig,
    private readonly storages: readonly Storage[],
  ) {
    this.chat = new ChatState();
  }

  async open(rooms: number): Promise<void> {
    const servers = this.config.servers.length;
    const vector = new Array<number>(servers).fill(1);
    const state = {
      promised: { counter: 1, server: 1 },
      committed: 0,
      incarnation: 1,
      standing: 'voter',
      vector,
    } as const;
    this.waiting.push({ state });
    this.apply({ type: 'birth', id: '00000000000000ff' });
    this.apply({ type: 'limits', limits: this.config.limits.chat });
    for (let speaker = 0; speaker < SPEAKERS; speaker += 1) {
      const session = sessionOf(speaker);
      this.apply({
        type: 'open',
        session,
        key: Buffer.alloc(32, speaker + 1).toString('base64url'),
        reclaim: false,
        nick: `filler-${speaker}`,
        server: 1,
        attachment: '',
        resume: false,
        position: 0,
      });
      this.group(
        session,
        Array.from({ length: rooms }, (_, room) => ({ type: 'join', room: roomName(room) }) as const),
      );
    }
  }

  say(batch: number, rooms: number, texts: readonly string[]): void {
    const room = roomName(Math.floor(batch) % rooms);
    const commands = texts.map((text): Command => ({ type: 'say', room, text, action: false }));
    this.group(sessionOf(Math.floor(batch) % SPEAKERS), commands);
  }

  async write(): Promise<void> {
    const write = this.history.takeWrite();
    if (write) {
      this.waiting.push({ puts: write.puts });
      this.history.onStored(write.through);
    }
    const writes = this.waiting.splice(0);
    await Promise.all(this.storages.map((storage) => storage.write(writes)));
  }

  /** A snapshot of it all, and a log that begins behind it. */
  async end(): Promise<void> {
    await this.write();
    const server = { ...this.config.limits.server, snapshotRounds: 1 };
    const options = { limits: { ...this.config.limits, server }, clock: systemClock };
    const persist = (write: StorageWrite) => this.waiting.push(write);
    const parts = { chat: this.chat, options, persist, writeHistory: () => {} } as unknown as ServerParts;
    const snapshots = new Snapshots(parts, []);
    snapshots.onApplied(this.round - 1, 1);
    while (!snapshots.latest) snapshots.step();
    const vector = new Array<number>(this.config.servers.length).fill(1);
    const promised = { counter: 1, server: 1 };
    const state = { promised, committed: this.round, incarnation: 1, standing: 'voter', vector } as const;
    this.waiting.push({ state, cut: this.round });
    await this.write();
  }

  private group(session: string, commands: readonly Command[]): void {
    const firstSeq = (this.seqs.get(session) ?? 0) + 1;
    this.seqs.set(session, firstSeq + commands.length - 1);
    this.apply({ type: 'group', session, firstSeq, settled: firstSeq - 1, commands: gathered(commands) });
  }

  private apply(entry: Entry): void {
    const { runs } = this.chat.apply(this.round, { time: TIME + this.round, entries: [entry] });
    this.history.append(runs);
    this.round += 1;
  }
}

/** Words of letters at random: nothing that could be packed well. */
function textOf(size: number, random: Random): string {
  let text = '';
  while (text.length < size) text += `${randomInt(random, 0, 2 ** 31).toString(36)} `;
  return text.slice(0, size - 1).padEnd(size, '.');
}

function sessionOf(speaker: number): string {
  return (speaker + 1).toString(16).padStart(16, '0');
}

function roomName(room: number): string {
  return `room-${room}`;
}
