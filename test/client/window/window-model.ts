/** Models of the window as they come to be, for tests: every one of them is the result of events. */
import type { ClientEvent, MessageEvent, PresenceEvent } from '../../../src/client/events';
import type { WindowEffect } from '../../../src/client/window/effects';
import type { Size, WindowModel } from '../../../src/client/window/model';
import { opening, update, type WindowEvent } from '../../../src/client/window/update';

/** Ten past nine where the tests run. */
export const TIME = new Date(2026, 10, 23, 9, 10).getTime();
export const OWN = '00000000000000aa';
export const OTHER = '00000000000000bb';

export function message(fields: Partial<MessageEvent>): MessageEvent {
  const index = fields.index ?? 1;
  return {
    type: 'message',
    position: index,
    room: 'lobby',
    index,
    round: index,
    nick: 'bob',
    text: 'hello',
    time: TIME,
    session: OTHER,
    seq: index,
    ...fields,
  };
}

export function presence(fields: Partial<PresenceEvent>): PresenceEvent {
  const index = fields.index ?? 1;
  return {
    type: 'presence',
    position: index,
    room: 'lobby',
    nick: 'bob',
    event: 'join',
    text: '',
    time: TIME,
    session: OTHER,
    index,
    ...fields,
  };
}

/** A window that things happen to, one after the other. */
export class Story {
  model: WindowModel;
  /** What it wanted done and nobody looked at yet. */
  private wanted: WindowEffect[] = [];

  constructor(size: Size = { columns: 80, rows: 24 }, nick = 'alice') {
    const { model, effects } = opening({ nick, room: 'lobby', greeting: [] }, size, 0);
    this.model = model;
    this.wanted.push(...effects);
  }

  /** Online and in the lobby. */
  static online(size?: Size): Story {
    const story = new Story(size);
    story.hear(
      { type: 'welcome', session: OWN, server: 2, nick: 'alice', position: 0 },
      { type: 'status', state: 'online', server: 2, reason: 'served by server 2' },
      presence({ nick: 'alice', session: OWN, index: 1 }),
      { type: 'answer', what: 'names', name: 'lobby', rows: [{ name: 'alice', text: '', count: 0 }] },
    );
    story.effects();
    return story;
  }

  happen(event: WindowEvent): this {
    const { model, effects } = update(this.model, event);
    this.model = model;
    this.wanted.push(...effects);
    return this;
  }

  hear(...events: readonly ClientEvent[]): this {
    for (const event of events) this.happen({ type: 'client', event, time: TIME });
    return this;
  }

  /** Key presses by name: `tab`, `C-c`, `M-1`. */
  press(...names: readonly string[]): this {
    for (const name of names) {
      const [, ctrl, meta, bare] = /^(C-)?(M-)?(.+)$/.exec(name) ?? [];
      this.happen({
        type: 'key',
        key: { name: bare ?? '', ctrl: !!ctrl, meta: !!meta, sequence: '\u001b' },
        time: TIME,
      });
    }
    return this;
  }

  type(text: string): this {
    for (const sequence of text) this.happen({ type: 'key', key: { sequence }, time: TIME });
    return this;
  }

  enter(text: string): this {
    return this.type(text).press('return');
  }

  /** What it wanted done since the last time. */
  effects(): readonly WindowEffect[] {
    return this.wanted.splice(0);
  }

  resize(columns: number, rows: number): this {
    return this.happen({ type: 'resize', size: { columns, rows } });
  }
}
