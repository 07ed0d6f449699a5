/** What a client asks about the agreement and its servers, and how it says the answers. */
import { clusterLines, whyLines } from '../../src/client/agreement-lines';
import { parseInput } from '../../src/client/commands';
import type { ClusterEvent, WhyEvent } from '../../src/client/events';
import { parseJsonInput } from '../../src/client/json-input';
import { marginOf } from '../../src/client/margin';
import { plainVoice } from '../../src/client/plain';
import type { GlanceState, ServerGlance } from '../../src/wire/agreement';
import { eventsIn, NOBODY, requestsIn, Script } from './script';
import { Story, TIME } from './window/window-model';

const WHY: WhyEvent = {
  type: 'why',
  room: 'lobby',
  position: 1042,
  round: 31,
  time: TIME,
  ballot: '3.2',
  leader: 2,
  accepted: [1, 2],
  servers: 3,
  server: 1,
  repeats: 0,
  steps: [
    { what: 'taken', server: 1, time: TIME + 5 },
    { what: 'proposed', server: 1, time: TIME + 5.25 },
    { what: 'accept', server: 2, time: TIME + 6 },
    { what: 'accepted', server: 2, time: TIME + 7 },
    { what: 'accepted', server: 1, time: TIME + 7.5 },
    { what: 'committed', server: 1, time: TIME + 7.5 },
    { what: 'delivered', server: 1, time: TIME + 17 },
  ],
};

function servers(...states: readonly GlanceState[]): readonly ServerGlance[] {
  return states.map((state, at) => ({ id: at + 1, state, committed: 20, lag: 0, clients: at, silentMs: 0 }));
}

const CLUSTER: ClusterEvent = {
  type: 'cluster',
  server: 1,
  leader: 2,
  ballot: '3.2',
  servers: servers('follower', 'leader', 'follower'),
};

describe('what is asked', () => {
  test.each([
    ['/why', { type: 'why', room: 'lobby', index: 0, position: 0 }],
    ['/why 1042', { type: 'why', room: 'lobby', index: 0, position: 1042 }],
    ['/why #12', { type: 'why', room: 'lobby', index: 12, position: 0 }],
    ['/status', { type: 'cluster' }],
  ])('%s', (line, question) => {
    expect(parseInput(line, '#lobby', 'window')).toEqual({ type: 'ask', question });
  });

  test.each(['0', '-1', '1.5', 'yesterday', '9007199254740993', '0x10', '1 2', '#', '#0', '##1', '# 1'])(
    '/why %s is no position',
    (rest) => {
      expect(parseInput(`/why ${rest}`, 'lobby', 'window')).toMatchObject({
        type: 'problem',
        message: expect.stringContaining('/why takes'),
      });
    },
  );

  test('in no room there is no last line', () => {
    expect(parseInput('/why', '', 'window')).toMatchObject({ type: 'problem' });
    expect(parseInput('/status', '', 'window')).toEqual({ type: 'ask', question: { type: 'cluster' } });
  });

  test.each([
    ['{"type":"why","position":7}', { type: 'why', room: 'lobby', index: 0, position: 7 }],
    ['{"type":"why","index":7}', { type: 'why', room: 'lobby', index: 7, position: 0 }],
    ['{"type":"why","room":"@bob"}', { type: 'why', room: '@bob', index: 0, position: 0 }],
    ['{"type":"cluster","id":"c"}', { type: 'cluster' }],
  ])('%s', (line, question) => {
    expect(parseJsonInput(line, 'lobby').action).toEqual({ type: 'ask', question });
  });

  test('how the servers are is asked at once, also when nothing has an outcome', () => {
    const script = new Script().online();
    script.command({ type: 'join', room: 'garden' }).flush();
    script.did(script.session.ask({ type: 'why', room: 'garden', index: 0, position: 7 }, script.nowMs));
    script.did(script.session.ask({ type: 'cluster' }, script.nowMs, { id: 'c', line: 0 }));
    const asked = script.look();
    expect(requestsIn(asked, 'why')).toEqual([]);
    expect(requestsIn(asked, 'cluster')).toEqual([{ type: 'cluster', id: 2 }]);
    expect(requestsIn(script.acks(1, 1, 1).look(), 'why')).toEqual([
      { type: 'why', id: 1, room: 'garden', index: 0, position: 7 },
    ]);
  });
});

describe('what is answered', () => {
  test('comes as an event, with what it was asked with, and once', () => {
    const script = new Script().online();
    script.did(
      script.session.ask({ type: 'why', room: 'lobby', index: 0, position: 0 }, script.nowMs, { id: 'w', line: 3 }),
    );
    script.did(script.session.ask({ type: 'cluster' }, script.nowMs, { id: 'c', line: 4 }));
    const { position, round, time, accepted, repeats } = WHY;
    const ballot = { counter: 3, server: 2 };
    const step = { what: 'accept', server: 2, timeUs: TIME * 1000 + 250 } as const;
    const known = { position, round, time, accepted, repeats, server: 1, servers: 3, ballot, steps: [step] };
    script.says({ type: 'why', id: 1, agreement: known }).says({ type: 'why', id: 1, agreement: known });
    script.says({ type: 'cluster', id: 2, server: 1, ballot, servers: CLUSTER.servers });
    const told = script.look();
    expect(eventsIn(told, 'why')).toEqual([
      { ...WHY, steps: [{ what: 'accept', server: 2, time: TIME + 0.25 }], id: 'w' },
    ]);
    expect(eventsIn(told, 'cluster')).toEqual([{ ...CLUSTER, id: 'c' }]);
  });

  test("of a post of one's own has how it came there, of that of another one not", () => {
    const script = new Script().online();
    const asked = (position: number) => {
      script.did(script.session.ask({ type: 'why', room: 'lobby', index: 0, position }, script.nowMs));
      const [{ id } = { id: 0 }] = requestsIn(script.look(), 'why');
      const { round, time, accepted, repeats } = WHY;
      const ballot = { counter: 3, server: 2 };
      const agreement = { position, round, time, accepted, repeats, server: 1, servers: 3, ballot, steps: [] };
      return eventsIn(script.says({ type: 'why', id, agreement }).look(), 'why')[0];
    };
    script.command({ type: 'say', room: 'lobby', text: 'hi', action: false }).flush();
    script.nowMs += 7;
    script.acks(1, 1, 41);
    expect(asked(41)).toMatchObject({ position: 41, resends: 0, afterMs: 7 });
    expect(asked(42)).not.toHaveProperty('resends');
  });

  test('without a ballot there is no leader', () => {
    const script = new Script().online();
    script.did(script.session.ask({ type: 'cluster' }, script.nowMs));
    script.says({ type: 'cluster', id: 1, server: 1, ballot: { counter: 0, server: 0 }, servers: [] });
    expect(eventsIn(script.look(), 'cluster')).toMatchObject([{ leader: 0, ballot: '' }]);
  });

  test('is a notice in the window', () => {
    const story = Story.online().hear(WHY, CLUSTER);
    const shown = JSON.stringify(story.model.rooms[0]);
    expect(shown).toContain('position 1042 was agreed on in round 31');
    expect(shown).toContain('all 3 servers are there; one may fail');
  });

  test('is lines in --plain', () => {
    expect(plainVoice(TIME, NOBODY).show(CLUSTER, 'alice')).toMatch(
      /^-- all 3 servers are there; one may fail\n-- leader 2/,
    );
    expect(plainVoice(TIME, NOBODY).show(WHY, 'alice')).toMatch(
      /^-- position 1042 .*\n-- ballot 3\.2, led by server 2\n/,
    );
  });
});

describe('how a line was agreed on, in words', () => {
  test('round, ballot, leader, who accepted it, and each step', () => {
    expect(whyLines(WHY)).toEqual([
      'position 1042 was agreed on in round 31, 09:10:00 by the log',
      'ballot 3.2, led by server 2',
      'a link to it: synod://lobby/1042',
      'whether it was sent again is known to the client that posted it, not here',
      'accepted by servers 1, 2 of 3, as far as was heard',
      'as server 1 saw it, from 09:10:00.005 on:',
      '    +0.0 ms  taken from the client',
      '    +0.3 ms  proposed',
      '    +1.0 ms  server 2, the leader, asked to accept it',
      '    +2.0 ms  accepted by server 2: written to its disk',
      '    +2.5 ms  accepted by server 1: written to its disk',
      '    +2.5 ms  known to be chosen, with all rounds before it',
      '   +12.0 ms  applied, and sent to the clients',
    ]);
  });

  test('a leader says that it asked, and how often it asked again', () => {
    expect(whyLines({ ...WHY, server: 2, repeats: 1 })).toEqual(
      expect.arrayContaining(['the leader asked again once', '    +1.0 ms  asked all servers to accept it']),
    );
    expect(whyLines({ ...WHY, server: 2, repeats: 3 })).toContain('the leader asked again 3 times');
  });

  test('what was given by a peer, and what is not kept', () => {
    const told = whyLines({ ...WHY, accepted: [], steps: [{ what: 'told', server: 3, time: TIME }] });
    expect(told.slice(4)).toEqual([
      'who accepted it was not heard',
      'as server 1 saw it, from 09:10:00.000 on:',
      '    +0.0 ms  given by server 3, which had it already',
    ]);
    expect(whyLines({ ...WHY, ballot: '', leader: 0, accepted: [], steps: [] })).toEqual([
      'position 1042 was agreed on in round 31, 09:10:00 by the log',
      'a link to it: synod://lobby/1042',
      'whether it was sent again is known to the client that posted it, not here',
      'server 1 knows no more of it: what it sees it keeps of its latest rounds, until it is stopped',
    ]);
  });

  test.each([
    [0, 'sent once, acknowledged 12 ms after it was posted'],
    [1, 'sent again 1 time, acknowledged 12 ms after it was posted'],
    [2, 'sent again 2 times, acknowledged 12 ms after it was posted'],
  ])("a post of one's own that was sent again %d times", (resends, words) => {
    expect(whyLines({ ...WHY, resends, afterMs: 12 })[3]).toBe(words);
  });

  test('what two say to each other has no link', () => {
    expect(whyLines({ ...WHY, room: '@bob' }).join()).not.toContain('synod://');
  });
});

test('how the servers are, as a table below the margin', () => {
  const [one, two, three] = CLUSTER.servers as [ServerGlance, ServerGlance, ServerGlance];
  const late = { ...three, state: 'silent', lag: 7, silentMs: 61_234 } as const;
  expect(clusterLines({ ...CLUSTER, servers: [one, two, late] })).toEqual([
    '2 of 3 servers are there; one more failure stops posting',
    'leader 2, ballot 3.2; as server 1 knows, which serves you',
    '  server  state     committed  lag  clients  silent',
    '  1       follower  20         0    0        -',
    '  2       leader    20         0    1        -',
    '  3       silent    20         7    2        61 s',
  ]);
  // Where the table does not fit.
  const [, , first, second] = clusterLines({ ...CLUSTER, servers: [one, two, late] }, 30);
  expect([first, second]).toEqual([
    expect.stringMatching(/^1 \w+: round \d+, lag \d+, clients \d+$/),
    expect.stringMatching(/^2 /),
  ]);
  expect(clusterLines({ ...CLUSTER, leader: 0, ballot: '' })[1]).toBe('no leader; as server 1 knows, which serves you');
});

describe('the margin', () => {
  const up = (there: number, all: number, other: GlanceState = 'silent') =>
    servers(...Array.from({ length: all }, (_, at) => (at < there ? 'follower' : other)));

  test.each([
    [1, 1, 'the only server is there; its failure stops posting'],
    [3, 3, 'all 3 servers are there; one may fail'],
    [2, 3, '2 of 3 servers are there; one more failure stops posting'],
    [1, 3, 'posting has stopped: 1 of 3 servers is there, 2 are needed'],
    [5, 5, 'all 5 servers are there; two may fail'],
    [4, 5, '4 of 5 servers are there; one more may fail'],
    [3, 5, '3 of 5 servers are there; one more failure stops posting'],
    [2, 5, 'posting has stopped: 2 of 5 servers are there, 3 are needed'],
    [1, 5, 'posting has stopped: 1 of 5 servers is there, 3 are needed'],
    [7, 7, 'all 7 servers are there; three may fail'],
    [6, 7, '6 of 7 servers are there; two more may fail'],
    [5, 7, '5 of 7 servers are there; one more may fail'],
    [4, 7, '4 of 7 servers are there; one more failure stops posting'],
    [3, 7, 'posting has stopped: 3 of 7 servers are there, 4 are needed'],
    [1, 7, 'posting has stopped: 1 of 7 servers is there, 4 are needed'],
  ])('%d of %d: %s', (there, all, words) => {
    expect(marginOf({ servers: up(there, all), leader: 1 })).toBe(words);
  });

  test.each(['new', 'recovering', 'restoring'] as const)('a server that is %s does not count', (state) => {
    expect(marginOf({ servers: up(2, 3, state), leader: 1 })).toContain('2 of 3');
  });

  test.each(['catching-up', 'candidate', 'leader'] as const)('a server that is %s does', (state) => {
    expect(marginOf({ servers: up(2, 3, state), leader: 1 })).toContain('all 3');
  });

  test('without a leader nothing is posted until there is one', () => {
    expect(marginOf({ servers: up(3, 3), leader: 0 })).toBe(
      'all 3 servers are there; one may fail; no leader yet: posting waits for an election',
    );
    expect(marginOf({ servers: up(1, 3), leader: 0 })).toBe(
      'posting has stopped: 1 of 3 servers is there, 2 are needed',
    );
  });
});
