/** Keeps what is being typed for the next window: soon after it changed, and at the end. */
import { type Drafts, draftsOf } from '../window/drafts';
import type { WindowModel } from '../window/model';

/** What a process that is killed may lose. */
const KEEP_MS = 500;

export class DraftKeeper {
  private model: WindowModel | undefined;
  private timer: NodeJS.Timeout | undefined;
  private keptAs: string;
  private lastTrouble = '';

  /**
   * @param found what is kept already
   * @param keep writes it; says in a line what went wrong, '' for nothing
   */
  constructor(
    found: Drafts,
    private readonly keep: (drafts: Drafts) => string,
    private readonly onTrouble: (text: string) => void,
  ) {
    this.keptAs = JSON.stringify(found);
  }

  /** The window may have another draft now. */
  onChange(model: WindowModel): void {
    if (model.rooms === this.model?.rooms) return;
    this.model = model;
    this.timer ??= setTimeout(() => this.keepNow(), KEEP_MS);
  }

  /** At once, if something changed. */
  keepNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!this.model) return;
    const drafts = draftsOf(this.model);
    const text = JSON.stringify(drafts);
    if (text === this.keptAs) return;
    const trouble = this.keep(drafts);
    if (trouble === '') this.keptAs = text;
    // Told once, not with each word.
    if (trouble !== '' && trouble !== this.lastTrouble) this.onTrouble(trouble);
    this.lastTrouble = trouble;
  }
}
