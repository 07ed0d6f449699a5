/** The row above the input while keys answer something: what is asked, and what each key does. Pure. */
import { inertLine } from '../inert';
import { linesOf, MAX_MESSAGES, messagesOf } from './asking';
import { cellsOf, cut, settled } from './cells';
import type { PasteQuestion } from './editor';
import { editorOf, type WindowModel } from './model';
import type { PastSearch } from './past-search';
import { SGR } from './style';

/** No rows when nothing is asked. */
export function hintRows(model: WindowModel): readonly string[] {
  const text = hint(model);
  return text === '' ? [] : [`${SGR.bold}${text}${SGR.reset}`];
}

function hint(model: WindowModel): string {
  const { asking } = editorOf(model);
  const { columns } = model.size;
  if (model.jump !== undefined) return jumpHint(model.jump, columns);
  if (!asking) return '';
  return asking.type === 'paste' ? pasteHint(asking, columns) : searchHint(asking, columns);
}

function jumpHint(digits: string, columns: number): string {
  return fitting(columns, [
    ` room: ${digits.padEnd(2, '_')} | the two digits of its number, or one and Enter; Esc goes back`,
    ` room: ${digits.padEnd(2, '_')}`,
  ]);
}

function pasteHint(question: PasteQuestion, columns: number): string {
  const lines = linesOf(question.text).length;
  const isSendable = messagesOf(question).length <= MAX_MESSAGES;
  return fitting(columns, [
    ` ${lines} lines, ${question.text.length} characters pasted: Enter puts them into the line, ${isSendable ? 'Alt-S sends each as a message, ' : ''}Esc throws them away`,
    ` ${lines} lines, ${question.text.length} characters: Enter into the line, ${isSendable ? 'Alt-S sends each, ' : ''}Esc drops them`,
    ` ${lines} lines: Enter into line, ${isSendable ? 'Alt-S each, ' : ''}Esc no`,
    `${lines}: Enter/${isSendable ? 'Alt-S/' : ''}Esc`,
  ]);
}

function searchHint({ query, missing }: PastSearch, columns: number): string {
  const sought = settled(inertLine(query));
  const what = missing ? 'nothing more has' : 'search';
  return fitting(columns, [
    ` ${what}: ${sought} | Ctrl-R older, Ctrl-S newer, Enter takes it, Esc goes back`,
    ` ${what}: ${sought} | Enter takes it, Esc goes back`,
    ` ${what}: ${sought}`,
  ]);
}

/** The first text that fits, or as much of the last one as does. */
function fitting(columns: number, texts: readonly string[]): string {
  return texts.find((text) => cellsOf(text) <= columns) ?? cut(texts.at(-1) ?? '', columns);
}
