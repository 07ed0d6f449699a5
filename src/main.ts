/** From the command line to a command, and from what the command ended with to an exit status. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { toExitError } from './cli/errors';
import { EXIT, ExitError } from './lib/exit';

/** What a script wants to know of its end. */
const CHAT_STATUSES = `
A window goes on looking for its cluster. With --plain or --json it ends with
0 once everything is confirmed, 1 when a line was refused, 2 for a wrong
command line, 69 when no server is reachable, 74 when the output cannot be
written, 75 when something is not confirmed in time, 78 for a wrong
configuration.
`;
const CONNECT = 'a balancer, instead of the one in the configuration: tcp://host:port';
const IDENTITY = 'your own key, made when it is used first (SYNOD_IDENTITY, else in your data folder)';
const KEY = 'the key to come with (SYNOD_KEY, else client.key in the folder of keys)';
/** Of a line: what both ends of a range can be counted on with. */
const MAX_INDEX = 2 ** 52;

void main();

/** The only place that ends the process. */
async function main(): Promise<void> {
  process.once('uncaughtException', (error) => process.exit(report(error)));
  process.once('unhandledRejection', (error) => process.exit(report(error)));
  process.stdout.on('error', endWithoutOutput);
  const status = await run(process.argv);
  // What could not be written is told a moment later.
  await new Promise((resolve) => setImmediate(resolve));
  process.exit(status);
}

/** Runs the command and tells its exit status. */
async function run(argv: readonly string[]): Promise<number> {
  let status: number = EXIT.ok;
  try {
    const program = commandLine((ended) => {
      status = ended;
    });
    await program.parseAsync([...argv]);
    return status;
  } catch (error) {
    return report(error);
  }
}

/** All commands, each loaded only when it is the one: a short command starts quickly. */
function commandLine(onEnd: (status: number) => void): Command {
  const program = new Command('synod')
    .description('A chat service for the terminal that loses nothing.')
    .version(JSON.parse(readFileSync(path.join(__dirname, '../package.json'), 'utf8')).version)
    .exitOverride()
    // What follows `supervise` is another command's.
    .enablePositionalOptions()
    .configureOutput({ outputError: (text, write) => write(usageError(text)) });
  // Commander would take an empty variable for the name of a file.
  const config = () =>
    new Option('-c, --config <file>', 'the configuration (SYNOD_CONFIG, else config/cluster-3.json of this program)');
  const insecure = () => new Option('--insecure', 'without keys and encryption; for addresses of this host only');
  const storage = () =>
    new Option('--storage <kind>', 'instead of what the configuration says').choices(['disk', 'memory']);

  program
    .command('server')
    .description('run one server of the cluster')
    .addOption(config())
    .addOption(storage())
    .requiredOption('--id <n>', 'its id in the configuration', wholeNumber(1, 65_535))
    .addOption(insecure())
    .action(async (flags) => onEnd(await (await import('./cli/server')).server(flags)));
  program
    .command('balancer')
    .description('run the balancer')
    .addOption(config())
    .addOption(insecure())
    .action(async (flags) => onEnd(await (await import('./cli/balancer')).balancer(flags)));
  program
    .command('status')
    .description('show the cluster at a glance')
    .addOption(config())
    .option('--json', 'one JSON object a line')
    .option('-w, --watch', 'look again every second')
    .addOption(insecure())
    .action(async (flags) => onEnd(await (await import('./cli/status')).status(flags)));
  chatOptions(program.command('chat').description('chat: in a window, or line by line'))
    .argument('[link]', 'a synod:// link: the window opens at that place')
    .addOption(config())
    .option('--connect <endpoint>', CONNECT)
    .option('--key <file>', KEY)
    .addOption(insecure())
    .action(async (link, flags) => onEnd(await (await import('./cli/chat')).chat({ ...flags, link })));
  chatOptions(program.command('demo').description('a cluster of three and a chat on it, in this terminal')).action(
    async (flags) => onEnd(await (await import('./cli/demo')).demo(flags)),
  );
  program
    .command('init')
    .description('write the configuration, keys and data folders of a new cluster on this host')
    .requiredOption('--servers <n>', 'how many: 1, 3, 5 or 7', wholeNumber(1, 7))
    .requiredOption('--base-port <port>', 'the first of the ports to use', wholeNumber(1, 65_535))
    .requiredOption('--out <folder>', 'where to write cluster.json')
    .addOption(storage())
    .option('--cluster <name>', 'the name of the cluster')
    .option('--operator <key>', 'the key of who may keep order in it (yours by default: synod identity)')
    .action(async (flags) => say(await (await import('./cli/init')).init(flags)));
  program
    .command('identity')
    .description('print your key, which a cluster knows you by')
    .option('--identity <file>', IDENTITY)
    .action(async (flags) => say((await import('./cli/identity')).identity(flags)));
  program
    .command('keygen')
    .description('make the keys of a cluster that has none, or a new one for somebody')
    .addOption(config())
    .option('--for <holder>', 'for whom: balancer, server-N, client or client-NAME; an old key is void then')
    .option('--remove <client>', 'a client that is to have no key any more')
    .action(async (flags) => say(await (await import('./cli/keygen')).keygen(flags)));
  program
    .command('history')
    .description('print lines of a room, of all or with a text in them')
    .addOption(config())
    .option('--connect <endpoint>', CONNECT)
    .option('--key <file>', KEY)
    .option('--identity <file>', IDENTITY)
    .addOption(insecure())
    .option('-r, --room <room>', 'the room', 'lobby')
    .option('--from <index>', 'the first line to print, counted from 1 in each room', wholeNumber(1, MAX_INDEX))
    .option('--to <index>', 'the last line to print', wholeNumber(1, MAX_INDEX))
    .option('--search <text>', 'only lines with this in them, in small letters or capitals')
    .option('--json', 'one JSON object a line')
    .action(async (flags) => onEnd(await (await import('./cli/history')).history(flags)));
  program
    .command('log')
    .description('print the rounds in the log of a stopped server')
    .addOption(config())
    .requiredOption('--id <n>', 'its id in the configuration', wholeNumber(1, 65_535))
    .option('--from <round>', 'the first round to print', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--to <round>', 'the last round to print', wholeNumber(0, Number.MAX_SAFE_INTEGER))
    .option('--json', 'one JSON object a line')
    .action(async (flags) => onEnd(await (await import('./cli/log')).log(flags)));
  program
    .command('verify')
    .description('check the data folders of stopped servers: checksums, holes, and whether they agree')
    .addOption(config())
    .option('--json', 'one JSON object')
    .action(async (flags) => onEnd(await (await import('./cli/verify')).verify(flags)));
  program
    .command('supervise')
    .description('run a synod command and start it again when it crashes')
    .argument('<command...>', 'the command and its options')
    .passThroughOptions()
    .action(async (command) => onEnd(await (await import('./cli/supervise')).supervise(command)));
  return program;
}

function say(text: string): void {
  if (text !== '') process.stdout.write(`${text}\n`);
}

function chatOptions(command: Command): Command {
  return command
    .option('-n, --nick <name>', 'how others see you (your user name by default)')
    .option('--reclaim', 'take the nick from another session of yours that has it')
    .option('-r, --room <room>', 'the room to join (lobby by default)')
    .option('--identity <file>', IDENTITY)
    .option('--plain', 'lines in, lines out: for pipes, dumb terminals and screen readers')
    .option('--json', 'one JSON object a line, in and out: for bots')
    .option('--stay', 'go on reading after standard input has ended')
    .option(
      '--history <n>',
      'how many earlier lines to show when joining (20; 100 in a window, 0 with --json)',
      wholeNumber(0, 500),
    )
    .option(
      '--timeout <seconds>',
      'how long to wait for the next post to be confirmed, after the last one was said (30)',
      wholeNumber(1, 86_400),
    )
    .option('--connect-timeout <seconds>', 'how long lines look for a server at the start (10)', wholeNumber(1, 86_400))
    .addHelpText('after', CHAT_STATUSES);
}

/** What commander says of a wrong command line, in one line. */
function usageError(text: string): string {
  const said = text
    .replace(/^error: /, '')
    .trim()
    .replace(/[.\s]*\n\s*/g, ' ')
    .replace(/\.$/, '');
  return `synod: ${said}; --help shows what is allowed\n`;
}

/** A whole number within bounds, or a usage error. */
function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
      throw new InvalidArgumentError(`Allowed: a whole number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** Says in a line what went wrong, in several when it is several things; the stack only to those who ask for it. @returns the exit status */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  const expected = toExitError(error);
  const message = expected?.message ?? `internal error: ${error instanceof Error ? error.message : String(error)}`;
  for (const line of message.split('\n')) process.stderr.write(`synod: ${line}\n`);
  if (process.env.SYNOD_LOG === 'debug' && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return expected?.status ?? EXIT.invariant;
}

/** Whoever read our output is gone (`synod … | head`), and there is nothing more to do; or it cannot be written. */
function endWithoutOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  process.exit(report(new ExitError(EXIT.disk, `standard output cannot be written: ${error.message}`)));
}
