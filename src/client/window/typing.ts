/** The window's logic, as far as it is about what is being typed. Pure. */
import { inert } from '../inert';
import { pastedInto, taken, unitsOf } from './asking';
import { MAX_DRAFT_UNITS, textOf } from './draft';
import { edit, replaced, rested } from './editor';
import { inputWidth } from './input-area';
import type { Key } from './key';
import { killed } from './kills';
import { editorOf, NO_ROOM, notice, roomCalled, type WindowModel, withEditor, withoutRoom, withRoom } from './model';

/** What a person made of a draft in an editor of their own. */
export interface Composed {
  readonly room: string;
  /** As `composedText` has it; undefined: it failed, and the draft stays as it is. */
  readonly text: string | undefined;
  /** What went wrong; '' for nothing. */
  readonly problem: string;
}

/** What a pasted tab becomes: servers and terminals have ideas of their own about it. */
const TAB = '    ';

/** A key that nothing else wants: it does to the draft what the editor knows. */
export function typed(model: WindowModel, key: Key): WindowModel {
  const editor = taken(editorOf(model));
  if (editor.asking) return model;
  const edited = edit(editor, model.kills, key, inputWidth(model.size));
  return edited ? { ...withEditor(model, edited.editor), kills: edited.kills } : withEditor(model, rested(editor));
}

/** The editor does nothing while another key is at work. */
export function untroubled(model: WindowModel): WindowModel {
  return withEditor(model, rested(taken(editorOf(model))));
}

/** A paste is one edit, however many lines it has, and sends nothing. */
export function onPaste(model: WindowModel, text: string, time: number): WindowModel {
  const pasted = settledText(text);
  const editor = editorOf(model);
  if (unitsOf(editor) + pasted.length <= MAX_DRAFT_UNITS) return withEditor(model, pastedInto(editor, pasted));
  return notice(model, [`a paste of ${pasted.length} characters is too long: ${MAX_DRAFT_UNITS} are the most`], time);
}

/** The draft as it came back from another editor. */
export function onComposed(model: WindowModel, { room, text, problem }: Composed, time: number): WindowModel {
  const told = problem === '' ? model : notice(model, [problem], time);
  if (text === undefined) return told;
  if (!roomCalled(told, room)) return kept(told, room, text, time);
  return withRoom(told, room, (known) => ({ ...known, editor: replaced(known.editor, text) }));
}

/** What another editor left in a file, as it can be said. Files end with a line break, messages do not. */
export function composedText(file: string): string {
  return settledText(file).replace(/\n$/, '');
}

/** A room is gone, and what was being typed in it can still be had. */
export function leftRoom(model: WindowModel, name: string, time: number): WindowModel {
  const room = roomCalled(model, name);
  return room ? kept(withoutRoom(model, name), room.name, textOf(room.editor), time) : model;
}

/** In a room at last: what was typed in none goes on there. */
export function movedIn(model: WindowModel, name: string): WindowModel {
  const nowhere = roomCalled(model, NO_ROOM);
  if (!nowhere) return model;
  const { editor } = nowhere;
  const without = withoutRoom(model, NO_ROOM);
  // What an earlier window left in the room stays there.
  const left = roomCalled(without, name);
  if (left && textOf(left.editor) !== '') return kept(without, 'no room', textOf(editor), model.time);
  return withRoom(without, name, (room) => ({ ...room, editor }));
}

function kept(model: WindowModel, room: string, draft: string, time: number): WindowModel {
  if (draft.trim() === '') return model;
  const told = notice(model, [`what you were typing in ${room} can be had back: Ctrl-Y`], time);
  return { ...told, kills: killed(told.kills, draft) };
}

/** What comes from elsewhere, as it can be said: colours and other controls were never meant to be. */
function settledText(text: string): string {
  return inert(text.replace(/\r\n?/g, '\n').replaceAll('\t', TAB));
}
