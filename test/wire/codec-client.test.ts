import { runOf } from '../../src/chat/event-runs';
import type { ServerMessage, WireEvent } from '../../src/wire/client';
import { createClientCodec } from '../../src/wire/codec-client';
import { PROTOCOL_VERSION } from '../../src/wire/frames';
import { MAX_REQUEST_BYTES, MAX_REQUEST_VALUES } from '../../src/wire/limits';
import { openRequest } from '../people';
import { messages, requests } from './arbitraries';
import { describeCodec, describeHead } from './codec-suite';
import { packed, unpacked } from './hostile';

const { encodeRequest, decodeRequest, encodeMessage, decodeMessage } = createClientCodec('synod');

describeCodec('requests', {
  values: requests,
  kindOf: ({ type }) => type,
  encode: encodeRequest,
  decode: decodeRequest,
});
describeCodec('messages', {
  values: messages,
  kindOf: ({ type }) => type,
  encode: encodeMessage,
  decode: decodeMessage,
});
describeHead('requests', encodeRequest({ type: 'read', after: 1 }), decodeRequest);
describeHead('messages', encodeMessage({ type: 'alive' }), decodeMessage);

function line(at: number, more: Partial<WireEvent> = {}): WireEvent {
  return {
    kind: 'message',
    position: 500 + at,
    round: 70,
    time: 1_790_000_000_000,
    room: 'lobby',
    index: 400 + at,
    session: '0123456789abcdef',
    nick: 'alice',
    seq: 30 + at,
    text: `line ${at}`,
    ...more,
  };
}

/** Delivered one by one. */
function delivered(events: readonly WireEvent[]): Buffer {
  return encodeMessage({ type: 'deliver', runs: events.map(runOf) });
}

function runsOf(events: readonly WireEvent[]): readonly unknown[][] {
  return unpacked(delivered(events))[3] as unknown[][];
}

test('unknown requests and messages are refused', () => {
  expect(decodeRequest(packed([PROTOCOL_VERSION, 'synod', 99]))).toEqual({ bad: 'request is unknown' });
  expect(decodeMessage(packed([PROTOCOL_VERSION, 'synod', 99]))).toEqual({ bad: 'message is unknown' });
});

test('an answer about a round or the servers has no more than there can be of them', () => {
  const ballot = { counter: 1, server: 2 };
  const step = { what: 'accepted', server: 1, timeUs: 1 } as const;
  const known = { position: 1, round: 1, time: 1, server: 1, servers: 16, ballot, repeats: 0 };
  const why = (accepted: number, steps: number) =>
    decodeMessage(
      encodeMessage({
        type: 'why',
        id: 1,
        agreement: { ...known, accepted: new Array(accepted).fill(1), steps: new Array(steps).fill(step) },
      }),
    );
  expect(why(16, 22)).not.toHaveProperty('bad');
  expect(why(17, 0)).toEqual({ bad: 'accepted is no list of at most 16' });
  expect(why(0, 23)).toEqual({ bad: 'steps is no list of at most 22' });
  const glance = { id: 1, state: 'leader', committed: 1, lag: 0, clients: 0, silentMs: 0 } as const;
  const servers = new Array(17).fill(glance);
  expect(decodeMessage(encodeMessage({ type: 'cluster', id: 1, server: 1, ballot, servers }))).toEqual({
    bad: 'servers is no list of at most 16',
  });
});

test('a request is small, and holds few values, whatever it says it is', () => {
  const largest = encodeRequest({ type: 'submit', group: new Uint8Array(MAX_REQUEST_BYTES - 20) });
  expect(decodeRequest(largest)).not.toHaveProperty('bad');
  const beyond = encodeRequest({ type: 'submit', group: new Uint8Array(MAX_REQUEST_BYTES) });
  expect(decodeRequest(beyond)).toHaveProperty('bad', expect.stringContaining(`more than ${MAX_REQUEST_BYTES}`));
  const crowd = packed([PROTOCOL_VERSION, 'synod', 2, new Array<number>(100_000).fill(0)]);
  expect(decodeRequest(crowd)).toEqual({ bad: `more than ${MAX_REQUEST_VALUES} values` });
});

test.each([
  ['key', 32],
  ['salt', 16],
  ['signature', 64],
])('a %s has %d bytes', (name, count) => {
  const whole = openRequest(1, new Uint8Array(32), { nick: 'alice' });
  const open = (bytes: number) => decodeRequest(encodeRequest({ ...whole, [name]: new Uint8Array(bytes) }));
  expect(open(count)).not.toHaveProperty('bad');
  for (const bytes of [0, count - 1, count + 1]) {
    expect(open(bytes)).toEqual({ bad: `${name} has ${bytes} bytes, not ${count}` });
  }
});

test('what is kept of a request keeps nothing of what it came in', () => {
  const bytes = Buffer.concat([encodeRequest({ type: 'submit', group: new Uint8Array(10) }), Buffer.alloc(100_000)]);
  const request = decodeRequest(bytes.subarray(0, bytes.length - 100_000));
  if ('bad' in request || request.type !== 'submit') throw new Error('not decoded');
  expect(request.group.buffer.byteLength).toBe(10);
});

describe('runs of events', () => {
  test('many lines of one speaker in a row cost one head', () => {
    const events = Array.from({ length: 128 }, (_, at) => line(at));
    expect(runsOf(events)).toHaveLength(1);
    const one = delivered(events.slice(0, 1)).length;
    const all = delivered(events).length;
    const texts = events.slice(1).reduce((sum, { text }) => sum + 1 + text.length, 0);
    expect(all - one - texts).toBeLessThan(10);
  });

  test.each<Partial<WireEvent>>([
    { kind: 'action' },
    { position: 777 },
    { round: 71 },
    { time: 1_790_000_000_001 },
    { room: 'other' },
    { index: 777 },
    { session: 'fedcba9876543210' },
    { nick: 'bob' },
    { seq: 777 },
  ])('an event that differs in %j begins another run, and comes back', (difference) => {
    const events = [line(0), line(1, difference)];
    expect(runsOf(events)).toHaveLength(2);
    expect(decodeMessage(delivered(events))).toEqual({ type: 'deliver', runs: events.map(runOf) });
  });

  test('an event that no room counts is a run by itself', () => {
    expect(runsOf([line(0, { kind: 'join' }), line(1, { kind: 'join' })])).toHaveLength(2);
  });

  test('a run without a text, of other lengths than it says, of what is no UTF-8, of more than one uncounted event, or beyond exact numbers is refused', () => {
    const change = (event: WireEvent, at: number, value: unknown) => {
      const fields = unpacked(delivered([event]));
      const [run] = fields[3] as unknown[][];
      run?.splice(at, 1, value);
      return decodeMessage(packed(fields));
    };
    // "line 0" has six bytes.
    for (const lengths of [[], [5], [7], [3, 4], [-1, 7], ['line 0']]) {
      expect(change(line(0), 9, lengths)).toHaveProperty('bad');
    }
    expect(change(line(0), 9, [2, 0, 4])).not.toHaveProperty('bad');
    expect(change(line(0, { kind: 'join' }), 9, [2, 4])).toHaveProperty('bad');
    expect(change(line(0), 10, Buffer.from('lin\xe9 0', 'latin1'))).toHaveProperty('bad');
    // Two bytes of one character in two texts.
    expect(change(line(0, { text: 'é' }), 9, [1, 1])).toHaveProperty('bad');
    expect(change(line(0), 10, 'line 0')).toHaveProperty('bad');
    for (const field of [6, 7, 8]) expect(change(line(0), field, Number.MAX_SAFE_INTEGER)).toHaveProperty('bad');
    expect(change(line(0), 2, 'not a session')).toHaveProperty('bad');
    expect(change(line(0), 0, 99)).toHaveProperty('bad');
  });
});

test('acknowledgements come four numbers at a time', () => {
  const acks: ServerMessage = { type: 'acks', runs: [{ firstSeq: 1, count: 2, firstPosition: 3, round: 4 }] };
  const fields = unpacked(encodeMessage(acks));
  for (const numbers of [
    [1, 2, 3],
    [1, 2, 3, 4, 5],
    [1, 1e9, 3, 4],
  ]) {
    fields[3] = numbers;
    expect(decodeMessage(packed(fields))).toHaveProperty('bad');
  }
});
