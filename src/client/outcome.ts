/** How a line mode ends: what was refused or lost on the way, as an exit status and in words. */
import { EXIT } from '../lib/exit';
import type { ErrorEvent } from './events';
import { UNCONFIRMED } from './posts';
import { GONE } from './session';

/** What has no outcome yet. */
export interface Open {
  readonly lines: number;
  /** Lines among them. */
  readonly commands: number;
  readonly questions: number;
  /** The room that is joined first, until it is joined; then ''. */
  readonly joining: string;
}

export class Outcome {
  private refused = 0;
  private lost = 0;
  private lastRefusal = '';

  onError(error: ErrorEvent): void {
    if (error.code === UNCONFIRMED) this.lost += 1;
    // A session that goes on as another one has lost nothing by that alone.
    else if (!GONE.includes(error.code)) {
      this.refused += 1;
      this.lastRefusal = complaintOf(error);
    }
  }

  /** Of an end that was asked for. That nobody knows whether something was said is worse than that it was not. */
  get status(): number {
    if (this.lost > 0) return EXIT.unconfirmed;
    return this.refused > 0 ? EXIT.failure : EXIT.ok;
  }

  /** Why it ends with this status, in a line. */
  words(status: number): string {
    if (status === EXIT.unconfirmed) return `${counted(this.lost, 'post')} not confirmed`;
    const more = this.refused > 1 ? ` (and ${this.refused - 1} more before)` : '';
    return this.lastRefusal + more;
  }
}

/** An error for a person: with the line of input that it is about. */
export function complaintOf({ line, message }: ErrorEvent): string {
  return line === undefined ? message : `line ${line}: ${message}`;
}

/** What is not confirmed, in words; '' for nothing. */
export function openInWords({ lines, commands, questions, joining }: Open): string {
  if (lines > 0) return `${counted(lines, 'post')} not confirmed`;
  if (commands > 0)
    return joining === '' ? `${counted(commands, 'command')} not confirmed` : `could not join #${joining}`;
  return questions > 0 ? `${counted(questions, 'question')} not answered` : '';
}

/** `1 post was`, `2 posts were`. */
function counted(many: number, what: string): string {
  return many === 1 ? `1 ${what} was` : `${many} ${what}s were`;
}
