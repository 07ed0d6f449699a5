/** Who opens a session proves whose it is, on this attachment; to look at many proofs is spread over time. */
import type { ServerMessage } from '../../src/wire/client';
import { openRequest, salt, sessionId } from '../people';
import { LIMITS, ServerHarness } from './harness';

const codes = (server: ServerHarness, attachment: number) =>
  server.toldTo(attachment, 'refused').map(({ session, code }) => `${session} ${code}`);
const welcomes = (server: ServerHarness, attachments: readonly number[]) =>
  attachments.filter((attachment) => server.toldTo(attachment, 'welcome').length > 0).length;

function attached(...attachments: readonly number[]): ServerHarness {
  const server = new ServerHarness();
  for (const attachment of attachments) server.attach(attachment);
  return server;
}

test('a session is its key\u2019s: who signs with another one, or nothing, does not get it', () => {
  const server = attached(7, 8);
  server.open(7, 1, 'alice');
  server.pass(10);
  const nonce = server.nonce(8);
  const mallory = openRequest(2, nonce, { nick: 'alice', birth: server.core.birth, resume: true });
  // She knows the key, the salt and the id, and signs with her own key.
  server.request(8, { ...mallory, key: openRequest(1, nonce, { nick: '' }).key, salt: salt(1) });
  server.request(8, { ...openRequest(1, nonce, { nick: 'alice' }), signature: new Uint8Array(64) });
  expect(codes(server, 8)).toEqual([`${sessionId(1)} bad-proof`, `${sessionId(1)} bad-proof`]);
  // Her own key gives other ids.
  server.request(8, { ...mallory, salt: salt(1) });
  expect(codes(server, 8)[2]).toBe(`${sessionId(2, 1)} bad-proof`);
  expect(server.toldTo(8, 'welcome')).toEqual([]);
  server.submit(7, 1, 1, [{ type: 'join', room: 'lobby' }]);
  expect(server.toldTo(7, 'acks')).toHaveLength(1);
});

test('what was signed on one attachment is of no use on another one', () => {
  const nonces = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
  const server = new ServerHarness({}, () => nonces.shift() ?? new Uint8Array(32));
  server.attach(7);
  server.attach(8);
  const open = openRequest(1, server.nonce(7), { nick: 'alice' });
  server.nonce(8);
  server.request(8, open);
  expect(codes(server, 8)).toEqual([`${sessionId(1)} bad-proof`]);
  server.request(7, open);
  server.pass(10);
  expect(server.toldTo(7, 'welcome')).toHaveLength(1);
});

test('the challenge of an attachment is the same when it is asked for again, and there is none before', () => {
  let made = 0;
  const server = new ServerHarness({}, (count) => {
    made += 1;
    return new Uint8Array(count).fill(made);
  });
  server.attach(7);
  server.request(7, openRequest(1, new Uint8Array(32), { nick: 'alice' }));
  server.pass(10);
  expect(codes(server, 7)).toEqual([`${sessionId(1)} bad-proof`]);
  expect(server.nonce(7)).toEqual(server.nonce(7));
});

test('many are looked at over time, each attachment once, in the order in which they came', () => {
  const many = Array.from({ length: 50 }, (_, at) => at + 1);
  const server = attached(...many);
  const requests = many.map((number) => openRequest(number, server.nonce(number), { nick: `n${number}` }));
  for (const [at, request] of requests.entries()) server.request(many[at] as number, request);
  // The first one again and again does not make the others wait.
  for (let again = 0; again < 20; again += 1) server.request(1, requests[0] as (typeof requests)[0]);
  const atOnce = welcomes(server, many);
  expect(atOnce).toBeLessThan(many.length / 2);
  server.pass(10);
  expect(welcomes(server, many)).toBe(atOnce + (10 * LIMITS.server.opensPerSecond) / 1000);
  server.pass(100);
  expect(welcomes(server, many)).toBe(many.length);
});

test('what is said before the welcome is not held against the client; who is gone meanwhile is not looked at', () => {
  const many = Array.from({ length: 40 }, (_, at) => at + 1);
  const server = attached(...many);
  for (const number of many) {
    server.request(number, openRequest(number, server.nonce(number), { nick: `n${number}` }));
  }
  server.request(40, { type: 'read', after: 0 });
  server.gone(39);
  server.pass(200);
  const told = (type: ServerMessage['type'], attachment: number) => server.toldTo(attachment, type).length;
  expect([told('error', 40), told('welcome', 40), told('welcome', 39)]).toEqual([0, 1, 0]);
  expect(server.core.status().clients).toBe(39);
});
