/** What was typed into a window that is killed is said by the next one: once, in order. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Shell } from '../client/ui/shell';
import { BIN, Cluster, synod } from './cluster';

jest.setTimeout(240_000);

const TEXTS = ['first', 'second', 'third'];

let cluster: Cluster | undefined;
let shell: Shell | undefined;
const state = mkdtempSync(path.join(tmpdir(), 'synod-state-'));
afterEach(async () => {
  await shell?.dispose();
  await cluster?.stop();
  rmSync(state, { recursive: true, force: true });
});

/** Files of windows, each called after its process. */
function outboxes(kind = 'outbox'): readonly string[] {
  return readdirSync(path.join(state, 'synod')).filter((file) => file.startsWith(kind) && file.endsWith('.json'));
}

function draftsFile(): string {
  const [file = ''] = outboxes('drafts');
  return file === '' ? '' : readFileSync(path.join(state, 'synod', file), 'utf8');
}

test('three lines that are typed while no server runs, and a window that is killed', async () => {
  cluster = await Cluster.create();
  shell = new Shell({ XDG_STATE_HOME: state });
  const open = `'${process.execPath}' '${BIN}' chat --config '${cluster.config}' --nick alice\r`;
  await shell.until(/prompt\$/, false);
  shell.write(open);
  await shell.until(/NOT CONNECTED/, true);
  for (const text of TEXTS) shell.write(`${text}\r`);
  await shell.until(/◦ alice: first[\s\S]*◦ alice: second[\s\S]*◦ alice: third/, true);
  const [file = ''] = outboxes();
  const kept = path.join(state, 'synod', file);
  expect(statSync(kept).mode & 0o777).toBe(0o600);
  expect(statSync(path.dirname(kept)).mode & 0o777).toBe(0o700);
  for (const text of TEXTS) expect(readFileSync(kept, 'utf8')).toContain(text);
  shell.write('half a tho');
  while (!draftsFile().includes('half a tho')) await new Promise((resolve) => setTimeout(resolve, 50));
  process.kill(Number(/-(\d+)-\d+\.json$/.exec(file)?.[1]), 'SIGKILL');
  await shell.until(/Killed/, true);
  cluster.startAll();
  await cluster.untilServing();
  shell.write(`reset; ${open}`);
  await shell.until(/✓ alice: first[\s\S]*✓ alice: second[\s\S]*✓ alice: third/, true);
  expect(outboxes()).toHaveLength(1);
  // What was being typed is there, too: it is cut, and nothing is left to be kept.
  await shell.until(/half a tho/, true);
  shell.write('\u0015/quit\r');
  await shell.until(/prompt\$\s*$/, false);
  // Nothing is left of a session that was closed.
  expect(outboxes('')).toEqual([]);
  const history = await synod(['history', '--config', cluster.config, '--room', 'lobby', '--json']);
  const said = history.stdout.trim().split('\n');
  expect(said.map((line) => (JSON.parse(line) as { text: string }).text)).toEqual(TEXTS);
});
