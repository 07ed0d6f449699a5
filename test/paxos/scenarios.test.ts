/**
 * Stories as text: commands, a line of dashes, and the trace that they leave, to be read by people. Each file in
 * `scenarios/` is one. `SYNOD_REWRITE=1 npx jest test/paxos/scenarios` writes the traces anew: read the difference.
 *
 *   cluster N [seed]        N servers with empty disks, not started        start ID…   their processes start
 *   elect                   run until all that live follow one leader      run MS      let time pass
 *   propose ID TEXT         a client of that server says something         state       a line for each server, what is
 *                                                                                      not committed in brackets
 *   crash ID                its process ends; what was not durable is gone; `start` starts it again from its disk
 *   forget ID               its process ends, and its disk is lost
 *   snapshot ID             it takes a snapshot of all that it applied, and cuts its log behind it
 *   pause ID, resume ID     its process stands still; what comes meanwhile waits
 *   cut A B, isolate ID     nothing gets from A to B; nothing to or from ID
 *   lose TYPE [A B]         messages of this type get lost (from A to B)   heal        neither cut nor lose any more
 *   link A B down|up        A's connection to B closes or opens, as its transport sees it
 *   trace all|brief|off     which messages are shown: brief leaves out heartbeats, their answers, and votes
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { showBallot } from '../../src/paxos/ballot';
import { Cluster } from './harness';
import { short, textOf } from './trace';

const FOLDER = join(__dirname, 'scenarios');
const DASHES = '----';

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.txt'));

test.each(files)('%s', (name) => {
  const path = join(FOLDER, name);
  const written = readFileSync(path, 'utf8');
  const played = play(written);
  if (process.env.SYNOD_REWRITE === '1') writeFileSync(path, played);
  else expect(played).toBe(written);
});

test('there are scenarios', () => {
  expect(files.length).toBeGreaterThanOrEqual(8);
});

/** Plays a file's commands. @returns the file as it should be */
function play(text: string): string {
  const story = new Story();
  const blocks = text.split(/\n\n+/).map((block) => block.trimEnd());
  return `${blocks.map((block) => playBlock(story, block)).join('\n\n')}\n`;
}

function playBlock(story: Story, block: string): string {
  const lines = block.split('\n');
  const dashes = lines.indexOf(DASHES);
  const commands = dashes < 0 ? lines : lines.slice(0, dashes);
  for (const command of commands) if (!command.startsWith('#')) story.play(command);
  const trace = story.take();
  return [...commands, ...(trace.length > 0 || dashes >= 0 ? [DASHES, ...trace] : [])].join('\n');
}

class Story {
  private cluster = new Cluster(3);
  private lines: string[] = [];
  private startedMs = 0;
  private shown: 'all' | 'brief' | 'off' = 'brief';
  private lost: { type: string; from: string | undefined; to: string | undefined }[] = [];

  /** What happened since the last call. */
  take(): string[] {
    const lines = this.lines;
    this.lines = [];
    this.startedMs = this.cluster.nowMs;
    return lines;
  }

  play(line: string): void {
    const [command, ...words] = line.split(' ');
    const [one, two] = words.map(Number);
    const { cluster } = this;
    if (command === 'cluster') this.begin(one!, two);
    else if (command === 'start') for (const id of words) cluster.start(Number(id));
    else if (command === 'elect') cluster.elect();
    else if (command === 'run') cluster.run(one!);
    else if (command === 'propose') cluster.propose(one!, words.slice(1).join('_'));
    else if (command === 'crash') cluster.crash(one!);
    else if (command === 'forget') cluster.forget(one!);
    else if (command === 'snapshot') cluster.cutLog(one!);
    else if (command === 'pause') cluster.pause(one!);
    else if (command === 'resume') cluster.resume(one!);
    else if (command === 'cut') cluster.cut(one!, two!);
    else if (command === 'isolate') cluster.isolate(one!);
    else if (command === 'link') cluster.link(one!, two!, words[2] === 'up' ? 'up' : 'down');
    else if (command === 'lose') this.lost.push({ type: words[0]!, from: words[1], to: words[2] });
    else if (command === 'heal') this.heal();
    else if (command === 'trace') this.shown = words[0] as 'all' | 'brief' | 'off';
    else if (command === 'state') for (const id of cluster.servers) this.lines.push(this.describe(id));
    else throw new Error(`no such command: ${line}`);
  }

  private begin(servers: number, seed = 1): void {
    this.cluster = new Cluster(servers, seed);
    this.cluster.trace = (line) => this.note(line);
    this.cluster.filter = (from, to, { type }) =>
      !this.lost.some(
        (lost) =>
          lost.type === type &&
          (lost.from === undefined || lost.from === String(from)) &&
          (lost.to === undefined || lost.to === String(to)),
      );
  }

  private heal(): void {
    this.lost = [];
    this.cluster.heal();
  }

  private note(line: string): void {
    if (this.shown === 'off') return;
    if (this.shown === 'brief' && /^\d→\d (Heartbeat|Alive|Accepted)/.test(line)) return;
    this.lines.push(`+${Math.round(this.cluster.nowMs - this.startedMs)} ${line}`);
  }

  private describe(id: number): string {
    const node = this.cluster.node(id);
    if (!node.replica) return `${id}: down`;
    const { role, standing, ballot, leader, majority } = node.replica.view();
    const who = standing === 'voter' ? role : standing;
    const of = leader === 0 ? 'no leader' : `ballot ${showBallot(ballot)}`;
    const { promised, incarnation, vector } = node.replica.parts.memory;
    const { log } = node.replica.parts.memory;
    const values = this.cluster.values(id).map((value) => `'${short(value)}'`);
    for (let round = log.committed; round < log.end; round += 1) {
      const held = log.get(round);
      values.push(held ? `(${round}:${showBallot(held.ballot)}'${short(textOf(held.value))}')` : `(${round}:)`);
    }
    const cut = log.first > 0 ? `, log from ${log.first}` : '';
    const state = `promised ${showBallot(promised)}, incarnation ${incarnation} [${vector}]${cut}`;
    return `${id}: ${who}, ${of}${majority ? '' : ', no majority'}, ${state}: ${values.join(' ') || 'nothing'}`;
  }
}
