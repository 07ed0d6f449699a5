/** `synod log`: the rounds that a stopped server has in its log, one a line. */
import type { Entry } from '../chat/commands';
import { EXIT, ExitError } from '../lib/exit';
import { showBallot } from '../paxos/ballot';
import type { AcceptedValue } from '../paxos/messages';
import { decodeBatch } from '../wire/codec-batch';
import { type ConfigFlags, configOf } from './context';
import { openFolderOf } from './folders';

export interface LogFlags extends ConfigFlags {
  readonly id: number;
  readonly from?: number;
  readonly to?: number;
  readonly json?: boolean;
}

/** A round as `--json` prints it. */
interface Line {
  readonly round: number;
  readonly ballot: string;
  /** Known to be chosen, as far as this server had written down. */
  readonly committed: boolean;
  readonly bytes: number;
  /** Milliseconds since the epoch; 0 for the Nop. */
  readonly time: number;
  readonly entries: readonly string[];
}

/** @returns the exit status */
export async function log(flags: LogFlags): Promise<number> {
  const config = configOf(flags);
  const server = config.servers.find(({ id }) => id === flags.id);
  if (!server) throw new ExitError(EXIT.config, `${config.file}: servers: no server has id ${flags.id}`);
  const storage = await openFolderOf(config, server);
  try {
    const stored = await storage.load();
    if (!stored) return EXIT.ok;
    const { first, accepted, state } = stored;
    if ((flags.from ?? first) < first && !flags.json) {
      process.stderr.write(`synod: the log begins at round ${first}; what is below is in the snapshot\n`);
    }
    for (const value of accepted) {
      if (value.round < (flags.from ?? 0) || value.round > (flags.to ?? Number.MAX_SAFE_INTEGER)) continue;
      const line = lineOf(value, state.committed);
      process.stdout.write(`${flags.json ? JSON.stringify(line) : shown(line)}\n`);
    }
    return EXIT.ok;
  } finally {
    await storage.close();
  }
}

function lineOf({ round, ballot, value }: AcceptedValue, below: number): Line {
  const common = { round, ballot: showBallot(ballot), committed: round < below, bytes: value.length };
  if (value.length === 0) return { ...common, time: 0, entries: ['nop'] };
  const batch = decodeBatch(value);
  if ('bad' in batch) return { ...common, time: 0, entries: [`undecodable: ${batch.bad}`] };
  return { ...common, time: batch.time, entries: batch.entries.map(entryOf) };
}

function entryOf(entry: Entry): string {
  switch (entry.type) {
    case 'group':
      return `group ${entry.session} ${entry.firstSeq}+${entry.commands.length} ${entry.commands[0]?.type ?? ''}`;
    case 'open':
      return `open ${entry.session} ${entry.nick} (${entry.key}) at server ${entry.server}`;
    case 'touch':
      return `touch ${entry.sessions.length} of server ${entry.server}`;
    case 'detach':
      return `detach ${entry.session}`;
    case 'birth':
      return `birth ${entry.id}`;
    case 'sweep':
      return 'sweep';
    case 'access': {
      const { mode, operators, listed, unlimited } = entry.rules;
      const counts = `${operators.length} operators, ${listed.length} listed, ${unlimited.length} unlimited`;
      return `access ${mode}, ${counts}`;
    }
    case 'limits':
      return `limits ${Object.entries(entry.limits)
        .map((pair) => pair.join(' '))
        .join(', ')}`;
  }
}

function shown({ round, ballot, committed, bytes, time, entries }: Line): string {
  const at = time === 0 ? '-' : new Date(time).toISOString();
  return `${round}  ${ballot}  ${committed ? 'committed' : 'accepted'}  ${at}  ${bytes} B  ${entries.join('; ')}`;
}
