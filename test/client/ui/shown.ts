/** A window's view on a terminal in memory: painted by neo-blessed, read cell by cell. */
import { Painter } from '../../../src/client/ui/painter';
import type { Size } from '../../../src/client/window/model';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import type { Story } from '../window/window-model';
import { Screen } from './terminal';

const painters: Painter[] = [];

/** After each test: blessed keeps every screen that is not destroyed. */
export function disposeShown(): void {
  for (const painter of painters.splice(0)) painter.destroy();
}

export class Shown {
  readonly screen: Screen;
  readonly painter: Painter;

  constructor(
    public story: Story,
    size: Size = story.model.size,
    private readonly colours = true,
  ) {
    this.screen = new Screen(size);
    this.painter = new Painter({ output: this.screen.output, unicode: true });
    painters.push(this.painter);
  }

  paint(): void {
    const shown = view(this.story.model, UNICODE_GLYPHS);
    this.painter.paint({ ...shown, coloured: this.colours && shown.coloured });
  }

  async lines(): Promise<readonly string[]> {
    this.paint();
    return this.screen.lines();
  }

  async resize(columns: number, rows: number): Promise<readonly string[]> {
    this.screen.resize({ columns, rows });
    this.story.resize(columns, rows);
    return this.lines();
  }
}
