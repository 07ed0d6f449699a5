/** The checker finds what it is there to find: hand-made histories, each with one thing wrong. */
import { checkHistory, type History, type Page, type Posted, type Shown, type Transcript } from './history';

function posted(text: string, fields: Partial<Posted> = {}): Posted {
  const number = Number(text.slice(1));
  const client = text.slice(0, 1);
  return { client, session: client, number, room: 'lobby', text, atMs: 100 * number, ...fields };
}

function acked(text: string, position: number, atMs: number, fields: Partial<Posted> = {}): Posted {
  return { ...posted(text, fields), acked: { position, atMs } };
}

function line(position: number, index: number, text: string, fields: Partial<Shown> = {}): Shown {
  return { position, index, text, room: 'lobby', earlier: false, ...fields };
}

function seen(client: string, ...shown: readonly Shown[]): Transcript {
  return { client, shown, pages: [], joined: new Map([['lobby', 0]]), isHere: true, complete: ['lobby'] };
}

function page(more: boolean, ...lines: readonly Shown[]): Page {
  return { room: 'lobby', lines, more };
}

const good: History = {
  posts: [acked('a1', 5, 150), acked('a2', 7, 260), acked('b1', 6, 180), posted('b2')],
  transcripts: [
    seen('a', line(5, 1, 'a1'), line(6, 2, 'b1'), line(7, 3, 'a2')),
    seen('b', line(5, 1, 'a1', { earlier: true }), line(6, 2, 'b1'), line(7, 3, 'a2')),
  ],
};

test('a history in order is in order', () => {
  expect(checkHistory(good)).toEqual([]);
});

test('a post without an outcome may be there or not', () => {
  const [a] = good.transcripts;
  const longer = seen('a', ...(a?.shown ?? []), line(9, 4, 'b2'));
  expect(checkHistory({ ...good, transcripts: [longer] })).toEqual([]);
});

const shown = good.transcripts[0]?.shown ?? [];
const bad: readonly (readonly [string, Partial<History>, string])[] = [
  ['a line twice', { transcripts: [seen('a', ...shown, line(8, 4, 'a1'))] }, 'a1 is at position 5 and at 8'],
  [
    'a line left out',
    { transcripts: [seen('a', line(5, 1, 'a1'), line(7, 3, 'a2')), seen('b', ...shown)] },
    'a saw index 3 of lobby after 1',
  ],
  [
    'two lines at one place',
    { transcripts: [seen('a', ...shown), seen('b', line(5, 1, 'b2'), ...shown.slice(1))] },
    'position 5 is a1 for one and b2 for b',
  ],
  [
    'an order that goes back',
    { transcripts: [seen('a', line(6, 1, 'b1'), line(5, 2, 'a1'), line(7, 3, 'a2'))] },
    'a went back from position 6 to 5',
  ],
  ['a line of nobody', { transcripts: [seen('a', ...shown, line(8, 4, 'ghost'))] }, 'a saw ghost, which nobody posted'],
  [
    'a line in another room',
    { transcripts: [seen('a', ...shown, line(8, 1, 'b2', { room: 'attic' }))] },
    'a saw b2 in attic, it was posted in lobby by b',
  ],
  [
    'an acknowledged line that is not there',
    { posts: [...good.posts, acked('c1', 8, 300)] },
    'c1 was acknowledged at 8, and nobody saw it',
  ],
  [
    'an acknowledgement of another place',
    { posts: [acked('a1', 6, 150), acked('a2', 7, 260), acked('b1', 6, 180)] },
    'a1 was acknowledged at 6, where b1 is',
  ],
  [
    'a session in disorder',
    { posts: [acked('a1', 5, 150, { number: 3 }), acked('a2', 7, 260), acked('b1', 6, 180)] },
    'post 3 of a came before its post 2',
  ],
  [
    'a line before one that had been acknowledged',
    { posts: [acked('a1', 5, 650, { atMs: 500 }), acked('a2', 7, 260), acked('b1', 6, 180)] },
    'a1 was posted after a2 had been acknowledged, and came before it',
  ],
  [
    'a first line left out',
    { transcripts: [seen('a', ...shown), seen('b', ...shown.slice(1))] },
    'b saw index 2 of lobby after 0',
  ],
  [
    'a room that it was not in',
    {
      posts: [...good.posts, acked('c1', 8, 300, { room: 'attic' })],
      transcripts: [seen('a', ...shown, line(8, 1, 'c1', { room: 'attic' }))],
    },
    'a saw index 1 of attic, where it had not come',
  ],
  [
    'a hole in a page',
    { transcripts: [{ ...seen('a', ...shown), pages: [page(true, line(5, 1, 'a1'), line(7, 3, 'a2'))] }] },
    'a page of a has index 3 of lobby after 1',
  ],
  [
    'a page without its beginning',
    { transcripts: [{ ...seen('a', ...shown), pages: [page(false, line(6, 2, 'b1'))] }] },
    'a page of a has index 2 of lobby after 0',
  ],
  [
    'a page of another past',
    { transcripts: [{ ...seen('a', ...shown), pages: [page(false, line(5, 1, 'b2'))] }] },
    'position 5 is a1 for one and b2 for a',
  ],
  [
    'a line that was refused',
    {
      posts: [...good.posts, posted('c1', { refused: true })],
      transcripts: [seen('a', ...shown, line(8, 4, 'c1'))],
    },
    'a saw c1, which was refused',
  ],
  [
    'a word between two that a third one sees',
    {
      posts: [...good.posts, acked('c1', 8, 300, { room: '@b' })],
      transcripts: [seen('a', ...shown, line(8, 1, 'c1', { room: '@c' }))],
    },
    'a saw c1 in @c, it was posted in @b by c',
  ],
  [
    'a word that its addressee never sees',
    {
      posts: [...good.posts, acked('a3', 8, 300, { room: '@b' })],
      transcripts: [seen('a', ...shown, line(8, 1, 'a3', { room: '@b' })), seen('b', ...shown)],
    },
    'b never saw a3, which a said to @b',
  ],
  [
    'a view that ends too early',
    { transcripts: [seen('a', ...shown), seen('b', ...shown.slice(0, 2))] },
    'b saw lobby up to 2, it goes up to 3',
  ],
];

test.each(bad)('finds %s', (_, change, words) => {
  expect(checkHistory({ ...good, ...change })).toContain(words);
});
