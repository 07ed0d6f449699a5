/** Questions between servers carry a number of whoever asks, and their answers the same: a late one counts for nothing. */

import { OPEN_TO_ALL } from '../../src/chat/people';
import { DEFAULT_LIMITS, DEFAULT_TIMEOUTS, limitsOf } from '../../src/config/limits';
import type { ClusterConfig } from '../../src/config/schema';
import { createLogger } from '../../src/lib/log';
import { thisMachine } from '../../src/lib/machine';
import { seededRandom } from '../../src/lib/prng';
import { type RunningServer, runServer } from '../../src/server/process';
import { MemoryStorage } from '../../src/storage/memory';
import { createPeerCodec } from '../../src/wire/codec-peer';
import type { PeerEnvelope } from '../../src/wire/peer';
import { MemoryNetwork } from '../transport/memory';

const codec = createPeerCodec('test');
const config: ClusterConfig = {
  file: 'test',
  cluster: 'test',
  servers: [1, 2, 3].map((id) => ({ id, pub: `tcp://p:${id}`, rep: `tcp://r:${id}`, dataDir: '' })),
  balancer: { clients: 'tcp://b:1', servers: 'tcp://b:2' },
  storage: 'memory',
  keys: '',
  access: OPEN_TO_ALL,
  timeouts: { ...DEFAULT_TIMEOUTS, questionTimeoutMs: 50 },
  limits: limitsOf({ ...DEFAULT_TIMEOUTS, questionTimeoutMs: 50 }, DEFAULT_LIMITS),
};

let server: RunningServer | undefined;
afterEach(() => server?.close());

/** Server 1 with two peers that answer what it asks. @returns the numbers of its questions, and what it logs */
async function withPeers(answerTo: (number: number) => number) {
  const network = new MemoryNetwork();
  const numbers: number[] = [];
  const logged: string[] = [];
  for (const id of [2, 3]) {
    await network.transport().bindReplier(`tcp://r:${id}`, (payload, answer) => {
      const { question } = codec.decodePeer(payload) as PeerEnvelope;
      numbers.push(question);
      const message = { type: 'NotLeader', serial: 0, leader: { counter: 0, server: 0 } } as const;
      answer(codec.encodePeer({ from: id, birth: '', question: answerTo(question), message }));
    });
  }
  const log = createLogger('test', 'warn', (line) => logged.push(line));
  const [storage, transport, random] = [new MemoryStorage(), network.transport(), seededRandom(1)];
  server = await runServer({ config, id: 1, storage, transport, machine: thisMachine, random, log });
  while (numbers.length < 6) await new Promise((resolve) => setTimeout(resolve, 5));
  return { numbers, logged };
}

test('each question has its own number, and an answer with it is taken', async () => {
  const { numbers, logged } = await withPeers((number) => number);
  expect(numbers.every((number) => number > 0)).toBe(true);
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(logged).toEqual([]);
});

test('an answer to another question is dropped', async () => {
  const { logged } = await withPeers((number) => number - 1);
  expect(logged[0]).toMatch(/dropped a message from REP of server \d: it answers another question/);
});

test('the answer to a question carries its number', async () => {
  const network = new MemoryNetwork();
  const [storage, transport, random] = [new MemoryStorage(), network.transport(), seededRandom(1)];
  const log = createLogger('test', 'error', () => {});
  server = await runServer({ config, id: 1, storage, transport, machine: thisMachine, random, log });
  const requester = network.transport().connectRequester('tcp://r:1');
  for (const number of [7, 9_000_000]) {
    const message = { type: 'RequestValue', from: 0 } as const;
    const answer = await requester.ask(codec.encodePeer({ from: 2, birth: '', question: number, message }), 5000);
    expect(codec.decodePeer(answer as Uint8Array)).toMatchObject({ from: 1, question: number });
  }
  requester.close();
});
