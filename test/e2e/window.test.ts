/** The chat window on a real terminal, with a real cluster behind it whose servers die. */
import { ChatWindow } from './chat-window';
import { Cluster } from './cluster';

jest.setTimeout(240_000);

/** Posted before anybody looks; as many lines have to be seen on the way back. */
const EARLIER = 10_000;
/** Between two beats of a server, the last of which is the last sign of it; and what two decimals of a second hide. */
const BEAT_MS = 250;
const ROUNDING_MS = 10;
const F2 = '\u001bOQ';
const PAGE_UP = '\u001b[5~';

let cluster: Cluster | undefined;
const windows: ChatWindow[] = [];
afterEach(async () => {
  await Promise.all(windows.splice(0).map((window) => window.dispose()));
  await cluster?.stop();
  cluster = undefined;
});

async function started(): Promise<Cluster> {
  cluster = await Cluster.start();
  return cluster;
}

/** Somebody at a window, in the lobby. */
async function at(running: Cluster, nick: string, rows = 24, columns = 80): Promise<ChatWindow> {
  const window = new ChatWindow({ config: running.config, folder: running.folder, nick, rows, columns });
  windows.push(window);
  await window.until(new RegExp(`│.*-- ${nick} has joined`));
  return window;
}

function timesOf(window: ChatWindow, text: string): number {
  return window.text.split(text).length - 1;
}

test('what one says the other sees, and both go on when the server of one is killed, told of what became of it', async () => {
  const running = await started();
  // So wide that the seam has one row.
  const alice = await at(running, 'alice', 24, 150);
  const bob = await at(running, 'bob');
  alice.say('good morning');
  await bob.until(/alice: good morning/);
  const server = await alice.until(/\| server (\d)/);
  // It has stopped before it can take what she says: that is sent, and sent again to the next one.
  const stoppingMs = performance.now();
  await running.signal(`server ${server}`, 'SIGSTOP');
  const stoppedMs = performance.now();
  alice.say('between two servers');
  await alice.until(/… alice: between two servers/);
  const killingMs = performance.now();
  await running.signal(`server ${server}`, 'SIGKILL');
  const seam = new RegExp(
    `-- server ${server} lost, now on server [1-3] after (\\d+\\.\\d\\d) s; 0 lost, 1 sent again, 0 doubled`,
  );
  const tookMs = 1000 * Number(await alice.until(seam));
  expect(tookMs).toBeGreaterThanOrEqual(killingMs - stoppedMs - ROUNDING_MS);
  expect(tookMs).toBeLessThanOrEqual(performance.now() - stoppingMs + BEAT_MS + ROUNDING_MS);
  await alice.until(/✓ alice: between two servers/);
  await bob.until(/alice: between two servers/);
  alice.say('still here');
  await bob.until(/alice: still here/);
  await alice.until(/✓ alice: still here/);
  expect(alice.text).not.toMatch(new RegExp(`\\| server ${server} \\|`));
  for (const text of ['good morning', 'between two servers', 'still here']) expect(timesOf(bob, text)).toBe(1);
  expect(await alice.quit()).toBe(0);
});

test('without a majority it says so at once; what is typed meanwhile is posted when there is one again', async () => {
  const running = await started();
  const alice = await at(running, 'alice');
  const bob = await at(running, 'bob');
  const left = Number(await alice.until(/\| server (\d)/));
  const killed = running.serverIds.filter((id) => id !== left);
  for (const id of killed) await running.signal(`server ${id}`, 'SIGKILL');
  await Promise.all([alice, bob].map((window) => window.until(/NO MAJORITY|NO SERVER/)));
  // His server is gone and the other one cannot take his session: it tells him all the same how things are.
  for (const window of [alice, bob]) {
    window.write(F2);
    await window.until(
      /posting has stopped: 1 of 3 servers\s+is there, 2 are needed, since\s+\d\d:\d\d:\d\d|no server serves you/,
    );
    window.write(F2);
  }
  // Her server is there and takes it; of his nobody does, and no other one can take his session.
  alice.say('said meanwhile');
  await alice.until(/… alice: said meanwhile/);
  bob.say('kept meanwhile');
  await bob.until(/◦ bob: kept meanwhile/);
  for (const id of killed) running.startServer(id);
  await bob.until(/alice: said meanwhile/);
  await alice.until(/✓ alice: said meanwhile/);
  await alice.until(/bob: kept meanwhile/);
  await bob.until(/✓ bob: kept meanwhile/);
  for (const text of ['said meanwhile', 'kept meanwhile']) {
    expect([timesOf(alice, text), timesOf(bob, text)]).toEqual([1, 1]);
  }
});

test(`${EARLIER} lines are paged back, each of them once`, async () => {
  const running = await started();
  const poster = running.client('poster');
  await poster.joined();
  for (let line = 1; line <= EARLIER; line += 1) poster.post(String(line), `line ${line}.`);
  await poster.allAcked();
  const alice = await at(running, 'alice', 50);
  const seen = new Set<number>();
  await alice.until(new RegExp(`line ${EARLIER}\\.`));
  while (!seen.has(1)) {
    const before = Math.min(...note(alice, seen));
    if (before === 1) break;
    alice.write(PAGE_UP);
    await alice.until(new RegExp(`line ${before - 1}\\.`));
  }
  expect(seen.size).toBe(EARLIER);
});

/** The numbers of the lines on the screen, which are in a row. */
function note(window: ChatWindow, seen: Set<number>): readonly number[] {
  const numbers = [...window.text.matchAll(/line (\d+)\./g)].map(([, number]) => Number(number));
  expect(numbers).toEqual(numbers.map((_, at) => (numbers[0] ?? 0) + at));
  for (const number of numbers) seen.add(number);
  return numbers;
}
