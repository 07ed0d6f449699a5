/** Going to a room by its number: Alt-J, then two digits, or fewer and Enter. Pure. */
import type { Key } from './key';
import { notice, shown, type WindowModel } from './model';

const MOST_DIGITS = 2;

/** @returns undefined: the key is not for this */
export function onJumpKey(model: WindowModel, key: Key): WindowModel | undefined {
  const { jump } = model;
  const { name = '', meta, ctrl } = key;
  if (jump === undefined) return meta && name === 'j' ? { ...model, jump: '' } : undefined;
  const over = { ...model, jump: undefined };
  if (name === 'escape') return over;
  if ((name === 'return' || name === 'enter') && jump !== '') return toNumber(over, jump);
  if (ctrl || meta || !/^\d$/.test(name)) return undefined;
  const digits = jump + name;
  return digits.length < MOST_DIGITS ? { ...model, jump: digits } : toNumber(over, digits);
}

function toNumber(model: WindowModel, digits: string): WindowModel {
  const room = model.rooms[Number(digits) - 1];
  return room ? shown(model, room.name) : notice(model, [`there is no room ${Number(digits)}`], model.time);
}
