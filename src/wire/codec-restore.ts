/** How a snapshot and the history travel from a server that has them to one that has not. */
import type { Layout } from './layout';
import { MAX_LIST } from './limits';
import type { HistoryStretch, RestoreMessage } from './peer';
import { joinPieces, splitPieces } from './pieces';
import { arity, binary, list, text, uint } from './shape';

/** As long as a peer may be told to wait. */
const MAX_WAIT_MS = 60_000;
/** Of rounds and positions: as many as keys of a store can tell apart, with some to spare. */
const MAX_COUNT = 2 ** 47;
const STRETCH_FIELDS = 4;

type MessageOf<Type extends RestoreMessage['type']> = Extract<RestoreMessage, { readonly type: Type }>;

export const RESTORE_LAYOUTS: { readonly [Type in RestoreMessage['type']]: Layout<MessageOf<Type>> } = {
  FetchSnapshot: {
    fields: 2,
    write: ({ round, part }) => [round, part],
    read: ([round, part]) => ({
      type: 'FetchSnapshot',
      round: uint(round, 'round', MAX_COUNT),
      part: uint(part, 'part', MAX_LIST),
    }),
  },
  SnapshotPart: {
    fields: 8,
    write: ({ snapshot, part, bytes, waitMs }) => [
      snapshot.round,
      snapshot.position,
      snapshot.size,
      snapshot.parts,
      snapshot.digest,
      part,
      bytes,
      waitMs,
    ],
    read: ([round, position, size, parts, digest, part, bytes, waitMs]) => ({
      type: 'SnapshotPart',
      snapshot: {
        round: uint(round, 'round', MAX_COUNT),
        position: uint(position, 'position', MAX_COUNT),
        size: uint(size, 'size'),
        parts: uint(parts, 'parts', MAX_LIST),
        digest: text(digest, 'digest'),
      },
      part: uint(part, 'part', MAX_LIST),
      bytes: binary(bytes, 'bytes'),
      waitMs: uint(waitMs, 'time', MAX_WAIT_MS),
    }),
  },
  FetchHistory: {
    fields: STRETCH_FIELDS,
    write: writeStretch,
    read: (fields) => ({ type: 'FetchHistory', ...readStretch(fields) }),
  },
  HistoryPart: {
    fields: 6,
    write: ({ asked, records, waitMs, room, position, permille }) => [
      writeStretch(asked),
      joinPieces(records),
      waitMs,
      room,
      position,
      permille,
    ],
    read: ([asked, records, waitMs, room, position, permille]) => ({
      type: 'HistoryPart',
      asked: readStretch(list(asked, 'question', STRETCH_FIELDS)),
      waitMs: uint(waitMs, 'time', MAX_WAIT_MS),
      records: splitPieces(binary(records, 'records')),
      room: text(room, 'room'),
      position: uint(position, 'position', MAX_COUNT),
      permille: uint(permille, 'permille', 1000),
    }),
  },
};

function writeStretch({ after, through, room, position }: HistoryStretch): readonly unknown[] {
  return [after, through, room, position];
}

function readStretch(fields: readonly unknown[]): HistoryStretch {
  arity(fields, STRETCH_FIELDS, 'stretch');
  const [after, through, room, position] = fields;
  return {
    after: uint(after, 'position', MAX_COUNT),
    through: uint(through, 'position', MAX_COUNT),
    room: text(room, 'room'),
    position: uint(position, 'position', MAX_COUNT),
  };
}
