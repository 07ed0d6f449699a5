/** The pane of the servers, and the alarm of a history that differs. */
import type { ClusterEvent } from '../../../src/client/events';
import { UNICODE_GLYPHS } from '../../../src/client/window/style';
import { view } from '../../../src/client/window/view';
import { message, Story, TIME } from './window-model';

// biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours
const SGR = /\u001b\[[\d;]*m/g;
const bare = (rows: readonly string[]) => rows.map((row) => row.replace(SGR, '').trimEnd());
const shown = (story: Story) => view(story.model, UNICODE_GLYPHS);
const QUESTION = { type: 'ask', question: { type: 'cluster' }, id: 'cluster pane' };

const CLUSTER: ClusterEvent = {
  type: 'cluster',
  server: 2,
  leader: 1,
  ballot: '3.1',
  servers: [
    { id: 1, state: 'leader', committed: 40, lag: 0, clients: 3, silentMs: 12 },
    { id: 2, state: 'follower', committed: 38, lag: 2, clients: 2, silentMs: 0 },
    { id: 3, state: 'silent', committed: 20, lag: 20, clients: 0, silentMs: 9000 },
  ],
  id: 'cluster pane',
};

function open(): Story {
  const story = Story.online();
  story.effects();
  return story.press('f2');
}

test('F2 asks, shows the servers and the margin, and asks again while it is open', () => {
  const story = open();
  expect(story.effects()).toEqual([QUESTION]);
  expect(bare(shown(story).conversation)).toContain('the servers are being asked');
  story.happen({ type: 'tick', time: TIME, nextTryMs: undefined });
  expect(story.effects()).toEqual([]);
  const rows = bare(shown(story.hear(CLUSTER)).conversation);
  expect(rows[0]).toBe(' Cluster: Esc or F2 closes');
  expect(rows[1]).toBe('2 of 3 servers are there; one more failure stops posting');
  expect(rows.join('\n')).toMatch(/3 +silent +20 +20 +0 +9 s/);
  expect(story.happen({ type: 'tick', time: TIME + 1000, nextTryMs: undefined }).effects()).toEqual([QUESTION]);
});

test('it says how old it is when no server answers', () => {
  const story = open().hear(CLUSTER);
  story.happen({ type: 'tick', time: TIME + 12_000, nextTryMs: undefined });
  expect(bare(shown(story).conversation)[0]).toMatch(/^ Cluster as it was 12 s ago: /);
});

test('an error is told, and it asks again', () => {
  const story = open();
  story.effects();
  story.hear({ type: 'error', code: 'x', message: 'not now', id: 'cluster pane' });
  expect(story.happen({ type: 'tick', time: TIME, nextTryMs: undefined }).effects()).toEqual([QUESTION]);
});

test.each(['f2', 'escape'])('%s closes it, and nobody is asked any more', (key) => {
  const story = open().press(key);
  story.effects();
  expect(story.happen({ type: 'tick', time: TIME, nextTryMs: undefined }).effects()).toEqual([]);
  expect(bare(shown(story.hear(CLUSTER)).conversation).join('\n')).not.toContain('servers');
});

describe('when posting has stopped', () => {
  const LOST = { type: 'status', state: 'no-majority', server: 2, reason: 'too few servers are connected' } as const;
  const paneOf = (story: Story) => bare(shown(story).conversation).slice(1);

  test('it says since when, with what the server knows', () => {
    const [leader, own, silent] = CLUSTER.servers;
    if (!leader || !own || !silent) throw new Error('there are three');
    const story = open().hear(LOST);
    story.hear({ ...CLUSTER, leader: 0, ballot: '', servers: [{ ...leader, state: 'silent' }, own, silent] });
    expect(paneOf(story)[0]).toBe('posting has stopped: 1 of 3 servers is there, 2 are needed, since 09:10:00');
  });

  test('with no server at all it says so, and what the balancer says; what was heard last stays, as such', () => {
    const reason = '1 of 3 servers connected, 2 needed; what you post waits';
    const story = open().hear(CLUSTER, { ...LOST, server: 0, reason });
    story.happen({ type: 'tick', time: TIME + 12_000, nextTryMs: undefined });
    const text = paneOf(story).join(' ').replace(/ +/g, ' ');
    expect(text).toContain(`no server serves you for 12 s: ${reason}`);
    expect(text).toMatch(/when one was heard last: .*2 of 3 servers are there/);
    expect(shown(open().hear({ ...LOST, server: 0, reason })).conversation.join(' ')).not.toContain('being asked');
    // Also when the pane was closed meanwhile.
    expect(paneOf(story.press('escape', 'f2')).join(' ')).toMatch(
      /when one was heard last: .*2 of 3 servers are there/,
    );
  });
});

test('a history that differs is loud until somebody has seen it', () => {
  const story = Story.online();
  story.hear({ type: 'digest-differs', room: 'lobby', index: 41, ours: 'aa', theirs: 'bb' });
  expect(bare(shown(story).banner)[0]).toMatch(/^ HISTORY DIFFERS \(Esc hides this\): the lines of #lobby through 41/);
  expect(bare([shown(story).status])[0]).not.toContain('complete');
  story.press('escape');
  expect(shown(story).banner).toEqual([]);
  // Seen, and still so.
  expect(bare([shown(story).status])[0]).toMatch(/\| through \d+, a history differs/);
});

describe('lines that did not come', () => {
  const MISSING = { type: 'discontinuity', room: 'lobby', after: 1, before: 4, missing: 2 } as const;
  const statusOf = (story: Story) => bare([shown(story).status])[0]?.trimEnd();

  test('are loud, and nothing is called complete until they are here', () => {
    const story = Story.online();
    story.hear(message({ index: 1, position: 1 }), message({ index: 4, position: 4 }), MISSING);
    expect(bare(shown(story).banner)[0]).toMatch(/^ LINES MISSING \(Esc hides this\): 2 lines of #lobby did not come/);
    expect(statusOf(story)).toMatch(/through 4, 2 lines not loaded$/);
    story.press('escape');
    expect(shown(story).banner).toEqual([]);
    expect(statusOf(story)).toMatch(/through 4, 2 lines not loaded$/);
    const lines = [message({ index: 2, position: 2 }), message({ index: 3, position: 3 })];
    story.hear({ type: 'history', room: 'lobby', lines, more: true, id: 'gap lobby' });
    expect(statusOf(story)).toMatch(/complete through 4$/);
  });

  test('do not hide that a history differs', () => {
    const story = Story.online();
    story.hear({ type: 'digest-differs', room: 'lobby', index: 41, ours: 'aa', theirs: 'bb' }, MISSING);
    expect(bare(shown(story).banner)[0]).toMatch(/^ HISTORY DIFFERS/);
  });

  test('which the room does not keep any more are not missing', () => {
    const story = Story.online();
    story.hear(message({ index: 1, position: 1 }), message({ index: 4, position: 4 }));
    story.hear({ type: 'history', room: 'lobby', lines: [], more: false, id: 'gap lobby' });
    expect(statusOf(story)).toMatch(/complete through 4$/);
  });
});

test('/status is a table where there is room for it, and words where there is not', () => {
  for (const [columns, expected] of [
    [120, /^ +server {2}state/m],
    [80, /^ +1 leader: round 40, lag 0, clients 3$/m],
  ] as const) {
    const story = Story.online({ columns, rows: 24 })
      .enter('/status')
      .hear({ ...CLUSTER, id: '' });
    const rows = bare(shown(story).conversation);
    expect(rows.join('\n')).toMatch(expected);
    expect(rows.join('\n').includes('committed')).toBe(columns === 120);
  }
});
