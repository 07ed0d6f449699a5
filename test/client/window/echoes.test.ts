/** Own posts on their way: kept, failed and posted again, taken back. */

import type { RoomModel } from '../../../src/client/window/model';
import { MAX_LINES } from '../../../src/client/window/room-lines';
import { message, OWN, Story, TIME } from './window-model';

const lobby = (story: Story) => story.model.rooms[0] as RoomModel;
const echoes = (story: Story) => lobby(story).echoes.map(({ text, state }) => `${text} ${state}`);
const lines = (story: Story) => [...lobby(story).lines];
const failed = (story: Story) => lines(story).flatMap((line) => (line.type === 'failed' ? [line.text] : []));
const lastNotice = (story: Story) =>
  lines(story)
    .flatMap((line) => (line.type === 'notice' ? [line.text] : []))
    .at(-1);

function failing(...texts: readonly string[]): Story {
  const story = Story.online();
  texts.forEach((text, at) => {
    story.enter(text).hear({ type: 'error', code: 'x', message: 'no', id: String(at + 1) });
  });
  story.effects();
  return story;
}

const posted = (story: Story) =>
  story.effects().flatMap((effect) => {
    return effect.type === 'post' && effect.command.type === 'say' ? [`${effect.id} ${effect.command.text}`] : [];
  });

test('a post that failed is not forgotten because others talk', () => {
  const story = failing('precious');
  for (let index = 2; index < MAX_LINES + 100; index += 1) story.hear(message({ index }));
  story.effects();
  expect(story.enter('/retry').effects()).toMatchObject([{ type: 'post', command: { text: 'precious' } }]);
  expect(lastNotice(story.enter('/retry'))).toBe('/retry: nothing has failed here');
});

describe('/retry', () => {
  test('posts the last one that failed as a new one, in the place of its line', () => {
    const story = failing('a', 'b').enter('/retry');
    expect(posted(story)).toEqual(['3 b']);
    expect(failed(story)).toEqual(['a']);
    expect(echoes(story)).toEqual(['b queued']);
  });

  test('posts all of them in their order, or one of them', () => {
    const all = failing('a', 'b', 'c').enter('/retry all');
    expect(posted(all)).toEqual(['4 a', '5 b', '6 c']);
    expect(failed(all)).toEqual([]);
    const one = failing('a', 'b', 'c').enter('/retry 2');
    expect(posted(one)).toEqual(['4 b']);
    expect(failed(one)).toEqual(['a', 'c']);
  });

  test.each([
    ['/retry', '/retry: nothing has failed here'],
    ['/retry 2', '/retry: nothing has failed here'],
  ])('with nothing to post: %s', (line, said) => {
    expect(lastNotice(Story.online().enter(line))).toBe(said);
  });

  test.each(['4', '0', 'x', '-1'])('of %s says what it takes', (which) => {
    const story = failing('a', 'b', 'c').enter(`/retry ${which}`);
    expect(lastNotice(story)).toBe('/retry: all, or 1 (the last one) to 3');
    expect(posted(story)).toEqual([]);
  });
});

describe('/cancel', () => {
  test('takes back the last one that was not sent, all of them, or one', () => {
    const story = Story.online().enter('a').enter('b').enter('c');
    story.hear({ type: 'sent', posts: [{ id: '1', again: 0 }] }).effects();
    expect(story.enter('/cancel').effects()).toEqual([{ type: 'cancel', id: '3' }]);
    expect(story.enter('/cancel 2').effects()).toEqual([{ type: 'cancel', id: '2' }]);
    expect(
      story
        .enter('/cancel all')
        .effects()
        .map((effect) => 'id' in effect && effect.id),
    ).toEqual(['2', '3']);
    story.hear({ type: 'cancelled', id: '2' });
    expect(echoes(story)).toEqual(['a sent', 'c queued']);
  });

  test('says so when there is nothing that can be taken back', () => {
    const story = Story.online();
    expect(lastNotice(story.enter('/cancel'))).toBe('/cancel: nothing waits to be sent here');
    story.enter('a').hear({ type: 'sent', posts: [{ id: '1', again: 0 }] });
    expect(lastNotice(story.enter('/cancel'))).toBe('/cancel: what was sent cannot be taken back');
  });
});

describe('a window that goes on where another one ended', () => {
  const say = (text: string) => ({ type: 'say', room: 'lobby', text, action: false }) as const;

  test('shows what that one left, and then what is typed', () => {
    const story = new Story().enter('new');
    const kept = new Story().hear({
      type: 'kept',
      posts: [
        { id: 'kept 1', command: say('a'), sent: true },
        { id: 'kept 2', command: say('b'), sent: false },
      ],
    });
    expect(echoes(kept.enter('new'))).toEqual(['a sent', 'b queued', 'new queued']);
    expect(lastNotice(kept)).toContain('2 posts of last time were kept');
    expect(echoes(story)).toEqual(['new queued']);
  });

  test('asks who is in its rooms, and for the last lines of the one that is shown once all is read', () => {
    const story = new Story();
    story.effects();
    story.hear({ type: 'welcome', session: OWN, server: 1, nick: 'alice', position: 9, rooms: ['lobby', 'dev'] });
    expect(story.model.rooms.map(({ name }) => name)).toEqual(['lobby', 'dev']);
    const names = story.effects().map((effect) => effect.type === 'ask' && effect.question);
    expect(names).toMatchObject([
      { what: 'names', name: 'lobby' },
      { what: 'rooms', name: 'lobby' },
      { what: 'names', name: 'dev' },
      { what: 'rooms', name: 'dev' },
    ]);
    story.hear(message({ index: 7 }));
    expect(story.effects()).toEqual([]);
    story.hear({ type: 'status', state: 'online', server: 1, reason: '' });
    expect(story.effects()).toMatchObject([
      { question: { what: 'markers' } },
      { question: { type: 'history', room: 'lobby', before: 7 } },
    ]);
    story.hear({ type: 'status', state: 'online', server: 1, reason: '' });
    expect(story.effects()).toEqual([]);
    const people = [{ name: 'alice', text: '', count: 0 }];
    story.hear({ type: 'answer', what: 'names', name: 'dev', rows: people, id: '' });
    expect(story.press('M-2').effects()).toMatchObject([{ question: { type: 'history', room: 'dev', before: 0 } }]);
    expect(story.press('M-1', 'M-2').effects()).toEqual([]);
  });

  test('whose line came before it was known to be its own shows it once', () => {
    const story = new Story().hear({ type: 'kept', posts: [{ id: 'doubt 1', command: say('a'), sent: true }] });
    story.hear(message({ text: 'a', position: 4, index: 4, time: TIME }));
    expect(echoes(story)).toEqual(['a sent']);
    story.hear({ type: 'ack', id: 'doubt 1', seq: 1, position: 4, round: 4 });
    expect(echoes(story)).toEqual([]);
  });
});
