/** What is in a store that no server has open: whether all of it is whole, and what to compare with other stores. */
import { Digest } from '../chat/digest';
import type { Applied } from '../chat/events';
import type { ChatState } from '../chat/state';
import { HistoryError } from '../history/blocks';
import { checkHistory, type RoomLines } from '../history/check';
import type { Reading } from '../history/reading';
import type { Ballot, Round } from '../paxos/ballot';
import type { StoredState } from '../paxos/effects';
import type { AcceptedValue } from '../paxos/messages';
import { type Storage, StorageError } from '../storage/storage';
import { decodeBatch } from '../wire/codec-batch';
import type { Restored } from './restoring';
import { missingHistory, openStored, readContents, type StoreContents } from './stored';

/** A value that is held. */
export interface HeldValue {
  readonly ballot: Ballot;
  readonly digest: string;
  /** Known to be chosen, as far as was written down. */
  readonly committed: boolean;
}

export interface Examined {
  readonly summary: string;
  /** What is wrong, a line each. */
  readonly problems: readonly string[];
  /** By round. */
  readonly values: ReadonlyMap<number, HeldValue>;
  /** Digests of the snapshots, by round. */
  readonly snapshots: ReadonlyMap<number, string>;
  /** '' where nothing tells it. */
  readonly birth: string;
}

export const NOTHING_EXAMINED: Examined = {
  summary: 'nothing was written yet',
  problems: [],
  values: new Map(),
  snapshots: new Map(),
  birth: '',
};

/** @throws StorageError, HistoryError when there is nothing to be said of the store but that it cannot be read */
export async function examine(storage: Storage): Promise<Examined> {
  const contents = await readContents(storage);
  if (!contents) return NOTHING_EXAMINED;
  const { log, snapshots } = contents;
  const problems = [...holesIn(log), ...reachOf(contents)];
  let latest: Restored | undefined;
  for (const info of snapshots) {
    const opened = await openStored(storage, info);
    if ('bad' in opened) problems.push(`the snapshot at round ${info.round} cannot be used: ${opened.bad}`);
    else latest = opened;
  }
  let history = 'no snapshot yet';
  if (latest) {
    const found = await historyUpTo(latest, log, storage);
    problems.push(...found.problems);
    history = found.summary;
  }
  return {
    summary: `rounds ${log.first} to ${log.state.committed - 1}; ${snapshots.length} snapshots; ${history}`,
    problems,
    values: heldIn(log),
    snapshots: new Map(snapshots.map(({ round, digest }) => [round, digest])),
    birth: latest?.chat.birth ?? '',
  };
}

function heldIn({ accepted, state }: StoredState): ReadonlyMap<number, HeldValue> {
  return new Map(
    accepted.map(({ round, ballot, value }) => {
      return [round, { ballot, digest: new Digest().bytes(value).hex(), committed: round < state.committed }];
    }),
  );
}

/** Every committed round that was not cut off has its value. */
function holesIn({ first, accepted, state }: StoredState): readonly string[] {
  const rounds = new Set(accepted.map(({ round }) => round));
  const problems: string[] = [];
  for (let round = first; round < state.committed; round += 1) {
    if (!rounds.has(round)) problems.push(`round ${round} is committed, and its value is not there`);
  }
  return problems;
}

/** What is cut off is in a snapshot, and what is in a snapshot is in the history. */
function reachOf(contents: StoreContents): readonly string[] {
  const { log, snapshots } = contents;
  const problems: string[] = [];
  const round = snapshots.at(-1)?.round ?? 0;
  if (log.first > round) problems.push(`the log begins at round ${log.first}, the snapshot ends at ${round}`);
  const missing = missingHistory(contents);
  if (missing) problems.push(missing);
  return problems;
}

/** What a snapshot says that there is, and the rounds after it did not let go, looked for in the history. */
async function historyUpTo(
  { info, chat }: Restored,
  log: StoredState,
  storage: Storage,
): Promise<Pick<Examined, 'summary' | 'problems'>> {
  try {
    const rooms = roomsOf(chat);
    // What was let go may be known as accepted only, when it was deleted.
    replay(chat, info.round, log.accepted);
    const kept = rooms.map((room) => ({ ...room, floor: chat.floorOf(room.room) }));
    const whole = await carryOut(checkHistory(kept, info.position, chat.birth), storage);
    const megabytes = (whole.bytes / 1e6).toFixed(1);
    const summary = `history of ${whole.events} events in ${whole.blocks} blocks, ${megabytes} MB`;
    return { summary, problems: whole.problems };
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof HistoryError)) throw error;
    return { summary: 'a history that cannot be read', problems: [error.message] };
  }
}

/**
 * Lets the rounds after a snapshot happen, as the applier does: the Nop of an election is passed over.
 * @param from the first of them
 */
export function replay(
  chat: ChatState,
  from: Round,
  accepted: readonly AcceptedValue[],
  onApplied?: (applied: Applied) => void,
): void {
  let next = from;
  for (const { round, value } of accepted) {
    if (round < next) continue;
    if (round > next) return;
    next += 1;
    const batch = decodeBatch(value);
    if ('bad' in batch) continue;
    const applied = chat.apply(round, batch);
    onApplied?.(applied);
  }
}

function roomsOf(chat: ChatState): readonly Omit<RoomLines, 'floor'>[] {
  return [...chat.roomsByKey.values()].map(({ key, lines, digest, lastPosition }) => {
    return { room: key, lines, digest, lastPosition };
  });
}

async function carryOut<Result>(reading: Reading<Result>, storage: Storage): Promise<Result> {
  let step = reading.next();
  while (!step.done) step = reading.next(await storage.scan(step.value));
  return step.value;
}
