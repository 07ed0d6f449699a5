/** Answers about places in a room: its digest through a line, and which line was the first at some time. */

import { digestText } from '../chat/room-digest';
import type { Room } from '../chat/rooms';
import type { ChatState } from '../chat/state';
import { firstLine, type RoomSpan, readDigest } from '../history/places';
import type { Reading } from '../history/reading';
import type { Recent } from '../history/recent';
import type { ClientRequest, ServerMessage } from '../wire/client';

type RequestOf<Type extends ClientRequest['type']> = Extract<ClientRequest, { readonly type: Type }>;

/** A room of the chat as readings of places need it. */
export function spanOf({ birth, roomsByKey }: Pick<ChatState, 'birth' | 'roomsByKey'>, key: string): RoomSpan {
  const { lines, digest, floor } = roomsByKey.get(key) as Room;
  return { room: key, birth, lines, digest, floor };
}

export function* answerPlace(
  request: RequestOf<'digest' | 'place'>,
  span: RoomSpan,
  recent: Recent,
): Reading<ServerMessage> {
  if (request.type === 'digest') return yield* answerDigest(request, span, recent);
  const { id, time } = request;
  const index = yield* firstLine(span, recent, (line) => line.time >= time);
  return { type: 'place', id, index: index > span.lines ? 0 : index };
}

function* answerDigest(request: RequestOf<'digest'>, span: RoomSpan, recent: Recent): Reading<ServerMessage> {
  const { id, room } = request;
  const { lines, floor } = span;
  const refused = (message: string): ServerMessage => {
    return { type: 'error', id, seq: 0, code: 'no-such-line', message };
  };
  if (request.index > lines) return refused(`${room} has ${lines} lines so far, there is no line ${request.index}`);
  const index = yield* indexOf(request, span, recent);
  const gone = `${room} has let go of what was before line ${floor.index + 1}`;
  if (index < floor.index) return refused(gone);
  const found = yield* readDigest(span, index, recent);
  if (!found) return refused(gone);
  return { type: 'digest', id, index, position: found.position, digest: digestText(found.digest) };
}

/** Of the line that is asked for; one below the floor when it is gone. */
function* indexOf({ index, position }: RequestOf<'digest'>, span: RoomSpan, recent: Recent): Reading<number> {
  if (index > 0) return index;
  if (position === 0) return span.lines;
  if (position < span.floor.position) return span.floor.index - 1;
  return (yield* firstLine(span, recent, (line) => line.position > position)) - 1;
}
