/** Somebody reads at one place, and is told at another how far. */
import { openRequest, salt } from '../people';
import { ServerHarness, say } from './harness';

test('how far a person has read is told to whoever of their sessions asks, and to nobody else', () => {
  const server = new ServerHarness();
  server.enter(1, 1, 'alice');
  server.enter(2, 2, 'bob');
  server.submit(2, 2, 2, [say('one'), say('two')]);
  server.told.splice(0);
  server.submit(1, 1, 2, [
    { type: 'read', room: 'lobby', index: 2 },
    { type: 'read', room: 'attic', index: 1 },
  ]);
  expect(server.told.map(({ attachments, message }) => [attachments, message.type])).toEqual([
    [[1], 'failed'],
    [[1], 'acks'],
  ]);
  server.attach(3);
  server.request(3, openRequest(1, server.nonce(3), { nick: 'al', salt: salt(9) }));
  server.pass(100);
  for (const attachment of [2, 3]) server.request(attachment, { type: 'query', id: 5, what: 'markers', name: '' });
  expect(server.toldTo(3, 'answer')).toEqual([
    { type: 'answer', id: 5, rows: [{ name: 'lobby', text: '', count: 2 }] },
  ]);
  expect(server.toldTo(2, 'answer')).toEqual([{ type: 'answer', id: 5, rows: [] }]);
});
