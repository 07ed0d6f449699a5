/**
 * `npm run screenshots`: three people at real windows on a cluster of their own; what one of them sees becomes the
 * pictures in docs/screens. From one time to the next only these differ: the times of the day, which server serves whom,
 * and how long a failover takes.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ChatWindow } from '../test/e2e/chat-window';
import { Cluster } from '../test/e2e/cluster';
import { screenSvg } from './screen-svg';

const FOLDER = path.join(__dirname, '..', 'docs', 'screens');
const SIZE = { columns: 100, rows: 24 };

/** Who says what, in this order. */
const TALK = [
  ['bob', 'morning. who took server 3 down last night?'],
  ['alice', 'nobody did: kill -9, on purpose'],
  ['carol', 'and nobody here noticed'],
  ['alice', 'one line says so, and that nothing was lost'],
  ['bob', 'then I shall try it with the one that serves us'],
] as const;

async function run(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const cluster = await Cluster.start();
  const windows = new Map<string, ChatWindow>();
  try {
    for (const nick of ['alice', 'bob', 'carol']) {
      const window = new ChatWindow({ config: cluster.config, folder: cluster.folder, nick, ...SIZE });
      windows.set(nick, window);
      await window.until(new RegExp(`^.*│.*${nick} has joined`, 'm'));
    }
    await shoot(cluster, windows);
  } finally {
    await Promise.all([...windows.values()].map((window) => window.dispose()));
    await cluster.stop();
  }
}

const KEY_F2 = '\u001bOQ';

async function shoot(cluster: Cluster, windows: ReadonlyMap<string, ChatWindow>): Promise<void> {
  const [alice, bob] = [windows.get('alice'), windows.get('bob')];
  if (!alice || !bob) return;
  bob.say('/topic what a majority agreed on');
  await alice.until(/set the topic/);
  for (const [nick, line] of TALK) {
    windows.get(nick)?.say(line);
    await alice.until(new RegExp(`│.*${nick}: ${line.slice(0, 20)}`));
  }
  bob.say('/msg alice do you see it, too?');
  await alice.until(/@bob +1 !1/);
  save('conversation', alice);
  const served = await alice.until(/\| server (\d)/);
  await cluster.signal(`server ${served}`, 'SIGKILL');
  await alice.until(/doubled/);
  // Before it is back.
  alice.write(KEY_F2);
  await alice.until(/silent +\d+ +\d+/);
  save('cluster', alice);
  alice.write(KEY_F2);
  alice.say('there it is');
  await alice.until(/✓ alice: there it is/);
  save('seam', alice);
}

function save(name: string, window: ChatWindow): void {
  writeFileSync(path.join(FOLDER, `${name}.svg`), screenSvg(window.terminal, `The chat window: ${name}`));
  process.stdout.write(`docs/screens/${name}.svg\n`);
}

run().catch((error: Error) => {
  process.stderr.write(`screenshots: ${error.message}\n`);
  process.exitCode = 1;
});
