/** Whose lines a person does not want to see. Pure. */
import { fold } from '../../chat/names';

/** Upper and lower case are one. */
export function isIgnored(ignored: readonly string[], nick: string): boolean {
  return ignored.length > 0 && ignored.some((each) => fold(each) === fold(nick));
}
