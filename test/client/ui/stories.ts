/** What may be on the screen: one story for each pane and state. */
import type { ClusterEvent, SeamEvent, StatusEvent, WhyEvent } from '../../../src/client/events';
import { message, OWN, presence, Story, TIME } from '../window/window-model';

const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/** What is shown, by name: each is looked at in every size. */
export const STORIES: Readonly<Record<string, (story: Story) => Story>> = {
  'a conversation, and rooms with unread lines': evening,
  'scrolled back, and something new below': (story) => {
    story.hear(...Array.from({ length: 60 }, (_, at) => message({ index: 2 + at, text: `line ${2 + at}` })));
    story.press('pageup', 'pageup').effects();
    return story.hear(message({ index: 62, text: 'unseen' }));
  },
  'long words and long lines': (story) =>
    story.hear(
      message({ index: 2, text: LONG_WORD }),
      message({ index: 3, text: `see https://example.com/${'path/'.repeat(12)} for all of it` }),
      message({ index: 4, nick: 'a-very-long-nick-of-somebody', text: 'word '.repeat(30) }),
      presence({ index: 4, position: 5, event: 'topic', text: `${LONG_WORD} and more` }),
    ),
  'wide characters and pictures': (story) =>
    story.hear(
      message({ index: 2, text: '漢字かな交じり文と한국어 '.repeat(4) }),
      message({ index: 3, text: `${'👍'.repeat(30)} 👨‍👩‍👧 🇩🇪 ❤️ 👋🏽` }),
      message({ index: 4, nick: '名前', text: 'a漢b字c👍d' }),
      message({ index: 5, text: 'שלום עולם, مرحبا, नमस्ते, ไทย' }),
    ),
  'connecting for the first time': () => new Story(),
  'between two servers': linkIs({ state: 'rerouted', server: 0, reason: 'server 2 is gone' }),
  'no server': linkIs({ state: 'waiting', server: 0, reason: 'the balancer has no server for it' }),
  'no majority': linkIs({ state: 'no-majority', server: 2, reason: '1 of 3 servers answers' }),
  'slowed down': linkIs({ state: 'slowed', server: 2, reason: 'you post faster than the server takes' }),
  'a long line being typed': (story) => story.type(`the beginning ${'of a long line '.repeat(12)}ends`),
  'the cursor in the middle of it': (story) => story.type('word '.repeat(60)).press('home', 'M-f', 'M-f'),
  'leaving is asked for once more': (story) => story.type('a draft').press('C-c'),
  'a server lost': (story) => evening(story).hear(seam({ resent: 1 })),
  'a server lost, and a line with it': (story) => evening(story).hear(seam({ lost: 1 })),
  'a history that differs': (story) =>
    evening(story).hear({
      type: 'digest-differs',
      room: 'lobby',
      index: 4,
      ours: '0123456789abcdef',
      theirs: 'f'.repeat(16),
    }),
  'all servers': (story) => clusterOf(story, []),
  'one server lost': (story) => clusterOf(story, [3]),
  'the majority lost': (story) => clusterOf(story, [1, 3]),
  help: (story) => story.press('f1'),
  'candidates of a word': (story) => evening(story).press('C-u').type('/re').press('tab', 'tab'),
  'a long paste': (story) => evening(story).happen({ type: 'paste', text: 'x\n'.repeat(6), time: TIME }),
  'a line looked for': (story) => evening(story).press('C-u', 'C-r').type('way'),
  'a gap': (story) => story.hear(message({ index: 2 }), message({ index: 5002, text: 'much later' })),
  'what is new': (story) => {
    story.hear(message({ index: 2, text: 'seen' })).happen({ type: 'focus', focused: false });
    story.hear(message({ index: 3, text: 'unseen' })).happen({ type: 'focus', focused: true });
    return story;
  },
  'a place gone to': (story) =>
    story
      .hear(...Array.from({ length: 60 }, (_, at) => message({ index: 2 + at, text: `line ${2 + at}` })))
      .enter('/goto #20'),
  'an answer while scrolled back': (story) =>
    story
      .hear(...Array.from({ length: 60 }, (_, at) => message({ index: 2 + at, text: `line ${2 + at}` })))
      .press('pageup')
      .enter('/help retry'),
  'how a line was agreed on': (story) => evening(story).hear(WHY),
  'posts queued, sent and failed': (story) => {
    story.enter('failed').enter('sent').enter('queued');
    story.hear({ type: 'error', id: '1', code: 'no', message: 'this room is shut' });
    return story.hear({ type: 'sent', posts: [{ id: '2', again: 0 }] });
  },
  'timestamps off': (story) => evening(story).press('M-t', 'M-t', 'M-t'),
};

const WHY: WhyEvent = {
  type: 'why',
  room: 'lobby',
  position: 5,
  round: 9,
  time: TIME,
  ballot: '1.3',
  leader: 3,
  accepted: [1, 3],
  servers: 3,
  server: 1,
  repeats: 0,
  steps: [
    { what: 'taken', server: 1, time: TIME },
    { what: 'accept', server: 3, time: TIME + 1.9 },
    { what: 'accepted', server: 1, time: TIME + 3.7 },
    { what: 'committed', server: 1, time: TIME + 5.8 },
  ],
};

/** F2, with these servers silent. */
function clusterOf(story: Story, silent: readonly number[]): Story {
  const servers = [1, 2, 3].map((id): ClusterEvent['servers'][number] => {
    const isSilent = silent.includes(id);
    const state = isSilent ? 'silent' : id === 2 ? 'leader' : 'follower';
    return { id, state, committed: 40 - id, lag: id, clients: isSilent ? 0 : 7, silentMs: isSilent ? 12_000 : 0 };
  });
  const has = servers.filter(({ state }) => state !== 'silent').length > 1;
  const event = { type: 'cluster', server: 2, leader: has ? 2 : 0, ballot: has ? '3.2' : '', servers } as const;
  return story.press('f2').hear({ ...event, id: 'cluster pane' });
}

/** Server 2 was lost. */
export function seam(fields: Partial<SeamEvent>): SeamEvent {
  return { type: 'seam', reason: 'lost', from: 2, to: 3, afterMs: 420, lost: 0, resent: 0, doubled: 0, ...fields };
}

/** A room in the middle of an evening. */
function evening(story: Story): Story {
  story.hear(
    presence({ nick: 'bob', index: 1, position: 2 }),
    presence({ nick: 'carol', index: 1, position: 3 }),
    presence({ nick: 'bob', event: 'topic', text: 'the log', index: 1, position: 4 }),
    message({ text: 'has everybody seen round 1042?', index: 2, position: 5 }),
    message({ nick: 'alice', session: OWN, text: 'yes, here\nand there', index: 3, position: 6 }),
    message({ nick: 'carol', text: 'nods', action: true, index: 4, position: 7 }),
    presence({ nick: 'carol', event: 'away', text: 'lunch', index: 4, position: 8 }),
    message({ room: 'dev', text: 'alice: look', index: 1, position: 9 }),
    message({ room: '@bob', text: 'psst', index: 1, position: 10 }),
  );
  return story.enter('on its way').type('and a draft');
}

/** An evening on which something becomes of the link. */
function linkIs(status: Omit<StatusEvent, 'type'>): (story: Story) => Story {
  return (story) => evening(story).hear({ type: 'status', ...status });
}
