/** What a session keeps for the process after it, and how that one goes on with it. */
import { runOf } from '../../src/chat/event-runs';
import type { SessionEffect } from '../../src/client/effects';
import type { Kept } from '../../src/client/kept';
import { keptText, parseKept } from '../../src/client/kept-text';
import { MAX_KEPT_COMMANDS } from '../../src/client/limits';
import { eventsIn, groupsIn, line, NEXT_SESSION, ownJoin, requestsIn, Script, SESSION } from './script';

const NOTHING = { kept: undefined };

/** What was kept, in order; undefined: that nothing is left. */
function keptIn(effects: readonly SessionEffect[]): readonly (Kept | undefined)[] {
  return effects.flatMap((effect) => (effect.type === 'keep' ? [effect.kept] : []));
}

function lastKept(script: Script): Kept {
  const kept = keptIn(script.look()).at(-1);
  if (!kept) throw new Error('nothing was kept');
  return kept;
}

/** Another process, with what this one kept last. */
function reopened(kept: Kept, options: ConstructorParameters<typeof Script>[0] = {}): Script {
  const script = new Script({ ...options, outbox: { kept } });
  // The salt of the session is not a new one.
  script.salts = 1;
  return script;
}

const texts = ({ commands }: Kept) => commands.map((command) => ('text' in command ? command.text : command.type));

describe('is kept', () => {
  test('before a command is sent, and before it can be sent', () => {
    const script = new Script({ outbox: NOTHING }).post('early');
    const early = lastKept(script);
    expect(early).toMatchObject({ birth: '', position: 0, settled: 0, sent: 0 });
    expect(texts(early)).toEqual(['early']);
    const effects = script.online().look();
    const types = effects.flatMap((effect) => (effect.type === 'event' ? [] : [effect]));
    const kept = types.findIndex((effect) => effect.type === 'keep' && effect.kept?.sent === 1);
    const sent = types.findIndex((effect) => effect.type === 'send' && effect.request?.type === 'submit');
    expect(kept).toBeGreaterThanOrEqual(0);
    expect(kept).toBeLessThan(sent);
  });

  test('once for all posts of a turn, and again when everything has an outcome', () => {
    const script = new Script({ outbox: NOTHING }).online();
    script.look();
    expect(keptIn(script.post('a', 'b', 'c').look()).map((kept) => kept && texts(kept))).toEqual([['a', 'b', 'c']]);
    expect(keptIn(script.acks(1, 2, 1).look())).toEqual([]);
    expect(keptIn(script.acks(3, 1, 3).look())).toMatchObject([{ settled: 3, sent: 3, commands: [] }]);
  });

  test('what can wait waits a while: the place in the log, outcomes of some', () => {
    const script = new Script({ outbox: NOTHING }).online();
    script.post('a', 'b').look();
    expect(keptIn(script.deliver(ownJoin(3, 0)).acks(2, 1, 2).pass(4000).look())).toEqual([]);
    expect(keptIn(script.pass(2000).look())).toMatchObject([{ position: 3, settled: 0, done: [2], rooms: ['lobby'] }]);
    expect(keptIn(script.pass(60_000).look())).toEqual([]);
  });

  test('nothing, where nobody wants it', () => {
    const script = new Script().online().post('a');
    expect(keptIn(script.acks(1, 1, 1).look())).toEqual([]);
  });
});

describe('can be read', () => {
  const limits = { window: 1000, queue: 2 * MAX_KEPT_COMMANDS, groupCommands: 1000 };
  const posts = (count: number) => Array.from({ length: count }, (_, at) => `post ${at + 1}`);

  /** Of what is kept. @returns how many commands are read, or why none are */
  function readOf(effects: readonly SessionEffect[]): number | string {
    const kept = parseKept(keptText(keptIn(effects).at(-1) as Kept));
    return 'bad' in kept ? kept.bad : kept.commands.length;
  }

  test('with all that may wait, and with what has an outcome behind something that has none', () => {
    const script = new Script({ outbox: NOTHING, limits }).online().post(...posts(MAX_KEPT_COMMANDS));
    const effects = script
      .acks(2, 999, 3)
      .post(...posts(1000))
      .look();
    expect(readOf(effects)).toBe(MAX_KEPT_COMMANDS + 999);
    expect(eventsIn(effects, 'error')).toMatchObject([{ code: 'queue-full', id: 'post 1000' }]);
  });

  test('with the rooms that a new session joins before all that may wait', () => {
    const script = new Script({ outbox: NOTHING, limits }).online();
    script.deliver(ownJoin(1, 0)).frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 });
    script
      .post(...posts(MAX_KEPT_COMMANDS))
      .attached(2)
      .look();
    expect(readOf(script.refused('session-gone').look())).toBe(MAX_KEPT_COMMANDS + 1);
  });
});

describe('closing', () => {
  test('waits until everything has an outcome, and then leaves nothing behind', () => {
    const script = new Script({ outbox: NOTHING }).online().post('a');
    script.look();
    expect(groupsIn(script.did(script.session.close('bye', 0)).look())).toEqual([]);
    const closing = script.acks(1, 1, 1).look();
    expect(closing.find((effect) => effect.type !== 'event')).toEqual({ type: 'keep', kept: undefined });
    expect(groupsIn(closing)).toMatchObject([{ firstSeq: 2, texts: ['bye'] }]);
    expect(eventsIn(script.acks(2, 1, 2).look(), 'ended')).toMatchObject([{ status: 0 }]);
    expect(keptIn(script.pass(20_000).look())).toEqual([]);
  });

  test('with a session that goes meanwhile, what was not sent is said in the next one before the end', () => {
    const script = new Script({ outbox: NOTHING, limits: { window: 1 } }).online().post('a', 'b');
    script.did(script.session.close('bye', 0)).attached(2, 'moved').refused('session-gone');
    script.look();
    expect(groupsIn(script.welcome().look())).toMatchObject([{ session: NEXT_SESSION, firstSeq: 1, texts: ['b'] }]);
    expect(script.session.ended).toBe(false);
  });

  test('a refusal that ends it leaves what it had behind', () => {
    const script = new Script({ outbox: NOTHING }).attached(1).post('a');
    const kept = keptIn(script.refused('nick-in-use').look());
    expect(script.session.ended).toBe(true);
    expect(kept.at(-1)).toMatchObject({ commands: [{ text: 'a' }] });
    expect(keptIn(script.pass(10_000).look())).toEqual([]);
  });
});

describe('the next process', () => {
  /** 'b' has an outcome, 'a' and 'c' were sent, 'd' was not. */
  function left(): Kept {
    const script = new Script({ outbox: NOTHING, limits: { window: 3 } }).online();
    script.deliver(ownJoin(3, 0)).post('a', 'b', 'c', 'd').acks(2, 1, 5).pass(6000);
    return lastKept(script);
  }

  test('is the same session, sends the same commands in their order, and reads on where the other one was', () => {
    const script = reopened(left());
    const [start] = [script.look()];
    expect(eventsIn(start, 'kept')).toMatchObject([
      {
        posts: [
          { id: 'kept 1', sent: true, command: { text: 'a' } },
          { id: 'kept 3', sent: true, command: { text: 'c' } },
          { id: 'kept 4', sent: false, command: { text: 'd' } },
        ],
      },
    ]);
    const open = requestsIn(script.post('e').attached(1).look(), 'open');
    expect(open).toMatchObject([{ resume: true, birth: 'bbbbbbbbbbbbbbbb', position: 3 }]);
    const welcomed = script.welcome({ lastSeq: 3, position: 40, rooms: ['lobby'] }).look();
    expect(eventsIn(welcomed, 'welcome')).toMatchObject([{ session: SESSION, rooms: ['lobby'] }]);
    // One that has an outcome goes with the others: a group has no gaps.
    expect(groupsIn(welcomed)).toMatchObject([
      { session: SESSION, firstSeq: 1, texts: ['a', 'b', 'c', 'd'] },
      { session: SESSION, firstSeq: 5, texts: ['e'] },
    ]);
    expect(requestsIn(welcomed, 'read')).toEqual([{ type: 'read', after: 3 }]);
    const acks = eventsIn(script.acks(1, 5, 4).look(), 'ack');
    expect(acks.map(({ id, resends }) => [id, resends])).toEqual([
      ['kept 1', 1],
      ['kept 3', 1],
      ['kept 4', undefined],
      ['e', undefined],
    ]);
  });

  test('joins the rooms of a session that is gone, and posts there what was never sent', () => {
    const script = reopened(left());
    const gone = script.attached(1).refused('session-gone').look();
    expect(eventsIn(gone, 'error')).toMatchObject([{ code: 'session-gone' }]);
    script.salts = 2;
    expect(groupsIn(script.welcome().look())).toMatchObject([{ firstSeq: 1, texts: ['join', 'd'] }]);
    const [asked] = requestsIn(script.acks(1, 1, 20).look(), 'history');
    expect(asked).toMatchObject({ room: 'lobby', before: 0 });
  });

  test('does not post in another log what was written for this one', () => {
    const script = reopened(left()).command({ type: 'join', room: 'lobby' }).post('new');
    const other = script.attached(1).refused('other-birth').look();
    expect(eventsIn(other, 'error').map(({ id, code }) => [id, code])).toEqual([
      ['kept 4', 'not-posted'],
      ['kept 1', 'unconfirmed'],
      ['kept 3', 'unconfirmed'],
      [undefined, 'other-birth'],
    ]);
    script.salts = 2;
    expect(groupsIn(script.welcome().look())).toMatchObject([{ texts: ['join', 'join', 'new'] }]);
  });

  test('tells what it does not do in another log either, and joins there what was to be joined', () => {
    const script = new Script({ outbox: NOTHING }).online();
    script.frame({ type: 'wait', reason: 'no-majority', connected: 1, needed: 2 });
    script
      .command({ type: 'topic', room: 'lobby', text: 'x'.repeat(200) })
      .command({ type: 'join', room: 'dev' })
      .command({ type: 'read', room: 'lobby', index: 1 })
      .command({ type: 'rule', ruling: 'mute', who: 'bob', text: '' });
    const next = reopened(lastKept(script.flush()));
    const told = eventsIn(next.attached(1).refused('other-birth').look(), 'error');
    expect(told.map(({ id, message }) => [id, message])).toEqual([
      ['kept 1', expect.stringMatching(/^not done, as it was written for .*: topic lobby x{68}…$/)],
      ['kept 4', expect.stringMatching(/: rule mute bob$/)],
      [undefined, expect.any(String)],
    ]);
    next.salts = 2;
    expect(groupsIn(next.welcome().look())).toMatchObject([{ texts: ['join'] }]);
  });

  test.each([5, 6, 9])('whose session somebody else went on with, up to %i, does not say anything in it', (lastSeq) => {
    const script = reopened(left()).post('new');
    script.attached(1).look();
    const shared = script.welcome({ lastSeq }).look();
    expect(groupsIn(shared)).toEqual([]);
    expect(eventsIn(shared, 'error').map(({ id, code }) => [id, code])).toEqual([
      ['kept 1', 'unconfirmed'],
      ['kept 3', 'unconfirmed'],
      ['kept 4', 'unconfirmed'],
      [undefined, 'session-shared'],
    ]);
    expect(requestsIn(shared, 'open')).toMatchObject([{ resume: false, reclaim: true }]);
    script.salts = 2;
    expect(groupsIn(script.welcome().look())).toMatchObject([{ session: NEXT_SESSION, texts: ['join', 'new'] }]);
  });

  test('of a session that no server had welcomed asks for it as a new one', () => {
    const kept = lastKept(new Script({ outbox: NOTHING }).post('a'));
    const script = reopened(kept);
    expect(requestsIn(script.attached(1).look(), 'open')).toMatchObject([{ resume: false, birth: '', position: 0 }]);
    const welcomed = script.welcome({ position: 30 }).look();
    expect(groupsIn(welcomed)).toMatchObject([{ session: SESSION, firstSeq: 1, texts: ['a'] }]);
    expect(requestsIn(welcomed, 'read')).toEqual([{ type: 'read', after: 30 }]);
  });

  test('is called as it was asked to be', () => {
    const wanted = reopened(left()).attached(1);
    wanted.welcome({ nick: 'al', lastSeq: 3 });
    expect(groupsIn(wanted.look()).at(-1)?.texts).toEqual(['nick']);
    const spare = reopened(left(), { spareNicks: ['alice-2'] }).attached(1);
    spare.welcome({ nick: 'al', lastSeq: 3 });
    expect(groupsIn(spare.look()).at(-1)?.texts.at(-1)).toBe('d');
  });

  test('goes on to look up what the one before had not found out', () => {
    const script = reopened(left());
    script.attached(1).refused('session-gone');
    script.salts = 2;
    script.welcome({ position: 9 }).pass(6000);
    const kept = lastKept(script);
    expect(kept.doubts).toMatchObject([
      { session: SESSION, seq: 1, after: 3 },
      { session: SESSION, seq: 3, after: 3 },
    ]);
    const next = new Script({ outbox: { kept } });
    next.salts = 2;
    expect(eventsIn(next.look(), 'kept').flatMap(({ posts }) => posts.map(({ id }) => id))).toEqual([
      'doubt 1',
      'doubt 2',
      'kept 2',
    ]);
    next.attached(1).welcome({ lastSeq: 2 });
    const [asked] = requestsIn(next.acks(1, 2, 12).look(), 'history');
    const runs = [line(3, 1), line(4, 2, { session: SESSION, seq: 1 })];
    const found = next.says({ type: 'history', id: asked?.id ?? 0, room: 'lobby', runs: runs.map(runOf), more: true });
    expect(eventsIn(found.look(), 'ack')).toMatchObject([{ id: 'doubt 1', position: 4 }]);
    expect(next.session.unconfirmed).toBe(0);
  });
});
