/**
 * What a peer gives of the history, before it is stored: each block is read, lies where its key says and in what was
 * asked for, and within a room no line is missing between the blocks of a part, whose digests continue each other. A part may begin after a gap: what was
 * there a room may have let go.
 */
import type { ChatEvent } from '../chat/events';
import type { StoredRecord } from '../storage/storage';
import { decodeBlock } from '../wire/codec-history';
import type { Bad } from '../wire/shape';
import { Chain } from './chain';
import type { Place, Wanted } from './giving';
import { blockKeyIs, indexKey } from './keys';
import { isLine } from './reading';

const NOTHING = new Uint8Array(0);

/** What was asked for, and where the next part begins; undefined: this one is the last. */
export interface Asked extends Wanted, Place {
  readonly next: Place | undefined;
}

/** @param pieces keys and blocks in turn @returns the records to be stored, those of the indexes among them */
export function recordsGiven(pieces: readonly Uint8Array[], asked: Asked): readonly StoredRecord[] | Bad {
  if (pieces.length % 2 !== 0) return { bad: 'a key without a block' };
  const { next } = asked;
  if (next && next.room === asked.room && next.position <= asked.position) return { bad: 'it leads nowhere' };
  const blocks = new Map<string, { readonly key: Uint8Array; readonly value: Uint8Array; readonly end: number }>();
  const records: StoredRecord[] = [];
  let last: ChatEvent | undefined;
  let chain = new Chain();
  for (let at = 0; at < pieces.length; at += 2) {
    const [key, value] = [pieces[at] as Uint8Array, pieces[at + 1] as Uint8Array];
    const block = decodeBlock(value);
    if ('bad' in block) return block;
    const { events } = block;
    const [first, end] = [events[0] as ChatEvent, events[events.length - 1] as ChatEvent];
    const { room, position, index } = first;
    if (!blockKeyIs(key, room, position, index)) return { bad: 'a block does not lie where its key says' };
    if (!isIn(first, asked)) return { bad: `a block at position ${position} of ${room} was not asked for` };
    if (last?.room !== room) {
      last = undefined;
      chain = new Chain();
    }
    const gap = gapIn(events, last);
    if (gap) return gap;
    const broken = chain.add(block);
    if (broken !== undefined) return { bad: `${room}: ${broken}` };
    if (!last || end.position > last.position) last = end;
    // Blocks of a store may overlap, and what is made of the end of one have the key of another: the longer one stays.
    const name = Buffer.from(key).toString('latin1');
    if ((blocks.get(name)?.end ?? 0) < end.position) blocks.set(name, { key, value, end: end.position });
    records.push({ key: indexKey(room, index, position), value: NOTHING });
  }
  return [...[...blocks.values()].map(({ key, value }) => ({ key, value })), ...records];
}

/** The last block may go beyond what was asked for, none begins there. */
function isIn({ room, position }: ChatEvent, asked: Asked): boolean {
  const from = room === asked.room ? asked.position : 0;
  return position > asked.after && position >= from && position <= asked.through;
}

/** What is missing within these events, or between them and the last one that came before of the same room. */
function gapIn(events: readonly ChatEvent[], before: ChatEvent | undefined): Bad | undefined {
  let previous: ChatEvent | undefined;
  let last = before;
  for (const event of events) {
    const { room, position } = event;
    if (previous && position <= previous.position) return { bad: `position ${position} of ${room} is out of order` };
    previous = event;
    if (last && position <= last.position) continue;
    if (last && event.index !== last.index + (isLine(event.kind) ? 1 : 0)) {
      return { bad: `a line of ${room} is missing before position ${position}` };
    }
    last = event;
  }
  return undefined;
}
