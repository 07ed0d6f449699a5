/** The candidates of a word, in rows above the input, while one of them is being chosen. Pure. */
import type { AnswerEvent } from '../events';
import { cut } from './cells';
import { type Candidate, candidatesFor, completedWith, JOINING, type Words } from './complete';
import { inertLine } from './conversation';
import { type Draft, textOf } from './draft';
import { changed } from './editor';
import { asking, only, type Updated } from './effects';
import type { Key } from './key';
import { currentRoom, editorOf, roomCalled, type WindowModel, withEditor } from './model';
import { type Glyphs, moreMark, SGR } from './style';

export interface Menu {
  readonly candidates: readonly Candidate[];
  /** The one that is in the line. */
  readonly at: number;
  /** The line as it was. */
  readonly draft: Draft;
}

/** What the question for all rooms is asked with. */
const ROOMS_ID = 'rooms to complete';
const MAX_ROWS = 8;
/** The last lines of a room: who spoke in them is likely to be answered. */
const RECENT_LINES = 200;

/** What a key does when candidates are shown, or when it shows them; undefined when it is for the window as ever. */
export function onMenuKey(model: WindowModel, key: Key): WindowModel | undefined {
  const { menu } = model;
  if (key.name === 'tab' && !key.ctrl && !key.meta) {
    if (!menu) return key.shift ? undefined : opened(model);
    const { length } = menu.candidates;
    return chosen(model, { ...menu, at: (menu.at + (key.shift ? length - 1 : 1)) % length });
  }
  if (key.name !== 'escape' || !menu) return undefined;
  const { before, after } = menu.draft;
  return { ...withEditor(model, changed(editorOf(model), { before, after })), menu: undefined };
}

/** What Tab has to know where a room is named that one may not be in: which there are. @param before the key */
export function askRooms(before: WindowModel, model: WindowModel, key: Key): Updated {
  const isOpening = key.name === 'tab' && !before.menu && JOINING.test(editorOf(before).before.join(''));
  if (!isOpening || model.link.state !== 'online') return only(model);
  const completing = textOf(editorOf(model));
  return { model: { ...model, completing }, effects: [asking({ type: 'query', what: 'rooms', name: '' }, ROOMS_ID)] };
}

/** The rooms that there are. They are shown, unless somebody went on typing or choosing meanwhile. @returns undefined: they were not asked for here */
export function onRooms(model: WindowModel, { rows, id }: AnswerEvent): WindowModel | undefined {
  if (id !== ROOMS_ID) return undefined;
  const known = { ...model, allRooms: rows.map(({ name }) => name) };
  const { before, after } = model.menu?.draft ?? editorOf(model);
  if (textOf(editorOf(model)) !== model.completing || !JOINING.test(before.join(''))) return known;
  return opened({ ...withEditor(known, changed(editorOf(model), { before, after })), menu: undefined });
}

/** In the last rows of a pane; the one in the line stands out, and a mark tells where there are more. */
export function menuRows(menu: Menu | undefined, width: number, height: number, glyphs: Glyphs): readonly string[] {
  if (!menu) return [];
  const { candidates, at } = menu;
  const room = Math.max(1, Math.min(MAX_ROWS, height - 1));
  const first = Math.max(0, Math.min(at - Math.floor(room / 2), candidates.length - room));
  return candidates.slice(first, first + room).map((candidate, index) => {
    const isMoreAbove = index === 0 && first > 0;
    const isMoreBelow = index === room - 1 && first + room < candidates.length;
    const mark = moreMark(isMoreAbove, isMoreBelow, glyphs) || ' ';
    const row = cut(`${mark}${inertLine(candidate.text)}${candidate.note === '' ? '' : `  ${candidate.note}`}`, width);
    return `${first + index === at ? SGR.reverse : SGR.dim}${row}${SGR.reset}`;
  });
}

/** A single one is taken at once. */
function opened(model: WindowModel): WindowModel {
  const draft = editorOf(model);
  const candidates = candidatesFor(draft, wordsOf(model));
  if (candidates.length === 0) return model;
  const next = chosen(model, { candidates, at: 0, draft });
  return candidates.length === 1 ? { ...next, menu: undefined } : next;
}

function chosen(model: WindowModel, menu: Menu): WindowModel {
  const candidate = menu.candidates[menu.at] as Candidate;
  return { ...withEditor(model, changed(editorOf(model), completedWith(menu.draft, candidate))), menu };
}

function wordsOf(model: WindowModel): Words {
  const { lines, people } = currentRoom(model);
  const nicks = new Set<string>();
  for (let at = 1; at <= Math.min(RECENT_LINES, lines.length); at += 1) {
    const line = lines.at(-at);
    if (line?.type === 'message') nicks.add(line.nick);
  }
  const here = new Set(people.map(({ nick }) => nick));
  const recent = [...nicks].filter((nick) => here.has(nick));
  const others = [...here].filter((nick) => !nicks.has(nick));
  return {
    people: [...recent, ...others].filter((nick) => nick !== model.nick),
    rooms: model.rooms.map(({ name }) => name),
    others: model.allRooms.filter((name) => !roomCalled(model, name)),
    ignored: model.preferences.ignored,
  };
}
