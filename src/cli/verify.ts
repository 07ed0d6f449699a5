/** `synod verify`: whether the data folders of stopped servers are whole, and agree with each other. */
import type { ClusterConfig, ServerConfig } from '../config/schema';
import { EXIT } from '../lib/exit';
import { disagreements, type ExaminedServer } from '../server/compare';
import { examine, NOTHING_EXAMINED } from '../server/examine';
import { StorageError } from '../storage/storage';
import { type ConfigFlags, configOf } from './context';
import { openFolderOf } from './folders';

export interface VerifyFlags extends ConfigFlags {
  readonly json?: boolean;
}

/** What was found in one folder. */
interface Looked extends ExaminedServer {
  /** A living process has it: nothing can be said of it. */
  readonly locked: boolean;
}

/** @returns the exit status: 0 when all is well */
export async function verify(flags: VerifyFlags): Promise<number> {
  const config = configOf(flags);
  const found: Looked[] = [];
  for (const server of config.servers) found.push(await look(config, server));
  const problems = [
    ...found.flatMap((one) => one.problems.map((what) => `server ${one.id}: ${what}`)),
    ...disagreements(found),
  ];
  if (flags.json) {
    const servers = found.map(({ id, summary, problems: own }) => ({ id, summary, problems: own }));
    process.stdout.write(`${JSON.stringify({ ok: problems.length === 0, servers, problems })}\n`);
  } else {
    for (const { id, summary } of found) process.stdout.write(`server ${id}  ${summary}\n`);
    for (const problem of problems) process.stdout.write(`${problem}\n`);
    if (problems.length === 0) process.stdout.write('all of it is whole, and the servers agree\n');
  }
  if (problems.length === 0) return EXIT.ok;
  return problems.length === found.filter(({ locked }) => locked).length ? EXIT.locked : EXIT.data;
}

async function look(config: ClusterConfig, server: ServerConfig): Promise<Looked> {
  const { id } = server;
  try {
    const storage = await openFolderOf(config, server);
    try {
      return { id, locked: false, ...(await examine(storage)) };
    } finally {
      await storage.close();
    }
  } catch (error) {
    const problems = [error instanceof Error ? error.message : String(error)];
    const locked = error instanceof StorageError && error.code === 'locked';
    return { ...NOTHING_EXAMINED, id, locked, summary: 'cannot be read', problems };
  }
}
