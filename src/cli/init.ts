/** `synod init`: writes the configuration, the keys and the data folders of a new cluster on this host. */
import { constants } from 'node:fs';
import { access, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loadConfig } from '../config/load';
import { showPath } from '../config/problems';
import { CLUSTER_SIZES, clusterSchema } from '../config/schema';
import { makeKeys } from '../keys/make';
import { EXIT, ExitError } from '../lib/exit';
import { shellWord } from '../lib/shell-word';
import { keyText } from '../lib/signer';
import { makeDataFolder } from '../storage/directories';
import { signerFor } from './identity';

export interface InitFlags {
  /** How many: 1, 3, 5 or 7. */
  readonly servers: number;
  /** The first of 2 · (servers + 1) ports in a row: the balancer's two, then two of each server. */
  readonly basePort: number;
  /** The folder to write to; made when it is not there. */
  readonly out: string;
  readonly storage?: string;
  readonly cluster?: string;
  /** The key of who may keep order in it: by default that of whoever makes it. */
  readonly operator?: string;
}

type Configuration = ReturnType<typeof configurationOf>;

const HOST = '127.0.0.1';
/** The balancer has two addresses, and so has each server. */
const PORTS_EACH = 2;
const MAX_PORT = 65_535;

/**
 * Makes `out/cluster.json`, everybody's keys and a data folder for each server, or nothing when something of it is there already.
 * @returns what to tell the user
 * @throws ExitError usage: a size that no cluster has, ports beyond the last, a bad name; failure: something is there
 * already, or cannot be written; system: not permitted
 */
export async function init(flags: InitFlags): Promise<string> {
  const lastPort = checkFlags(flags);
  const config = configurationOf(flags, flags.operator ?? keyText(signerFor({}).key));
  const file = path.join(flags.out, 'cluster.json');
  await refuseWhatIsThere(file, flags, config);
  try {
    for (const { dataDir } of config.servers) await makeDataFolder(path.join(flags.out, dataDir));
    await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx' });
    await makeKeys(loadConfig(file, {}, {}));
  } catch (cause) {
    throw cannotWrite(file, cause);
  }
  return nextSteps(file, config, `${flags.basePort} to ${lastPort}`);
}

/** @returns the last port that is needed */
function checkFlags({ servers, basePort }: InitFlags): number {
  if (!CLUSTER_SIZES.includes(servers)) {
    throw new ExitError(EXIT.usage, `--servers ${servers}: a cluster has ${CLUSTER_SIZES.join(', ')} servers`);
  }
  const lastPort = basePort + PORTS_EACH * (servers + 1) - 1;
  if (!Number.isInteger(basePort) || basePort < 1 || lastPort > MAX_PORT) {
    const needed = `${PORTS_EACH * (servers + 1)} ports from there on are needed`;
    throw new ExitError(EXIT.usage, `--base-port ${basePort}: ${needed}, the first is 1 and the last ${MAX_PORT}`);
  }
  return lastPort;
}

function configurationOf({ servers, basePort, storage, cluster }: InitFlags, operator: string) {
  const address = (offset: number) => `tcp://${HOST}:${basePort + offset}`;
  const config = {
    cluster: cluster ?? `synod-${servers}`,
    balancer: { clients: address(0), servers: address(1) },
    storage: storage ?? 'disk',
    keys: 'keys',
    access: 'open',
    people: { operators: [operator] },
    servers: Array.from({ length: servers }, (_, index) => ({
      id: index + 1,
      pub: address(PORTS_EACH * (index + 1)),
      rep: address(PORTS_EACH * (index + 1) + 1),
      dataDir: `server-${index + 1}`,
    })),
  };
  // Only what came from a flag can be wrong, and its flag is named as its key is.
  const [issue] = clusterSchema.safeParse(config).error?.issues ?? [];
  if (!issue) return config;
  const key = issue.path[0] === 'people' ? 'operator' : showPath(issue.path);
  const found = key === 'operator' ? operator : Reflect.get(config, key);
  throw new ExitError(EXIT.usage, `--${key} ${found}: allowed is ${issue.message}`);
}

/** An older cluster is not overwritten, and its servers' data are not given to the servers of a new one. */
async function refuseWhatIsThere(file: string, { out }: InitFlags, config: Configuration): Promise<void> {
  if (await isThere(file)) throw isThereAlready(file);
  for (const name of [config.keys, ...config.servers.map(({ dataDir }) => dataDir)]) {
    const folder = path.join(out, name);
    const held = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw cannotWrite(folder, error);
    });
    if (held.length > 0) throw new ExitError(EXIT.failure, `${folder}: is not empty; name another folder with --out`);
  }
}

async function isThere(file: string): Promise<boolean> {
  try {
    await access(file, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

function isThereAlready(file: string): ExitError {
  return new ExitError(EXIT.failure, `${file}: is there already; name another folder with --out`);
}

function cannotWrite(file: string, cause: unknown): ExitError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'EEXIST') return isThereAlready(file);
  const isRefused = code === 'EACCES' || code === 'EPERM' || code === 'EROFS';
  const why = code === 'ENOTDIR' ? 'a part of its path is a file' : `cannot be written (${code})`;
  return new ExitError(isRefused ? EXIT.system : EXIT.failure, `${file}: ${why}; name another folder with --out`, {
    cause,
  });
}

function nextSteps(file: string, { servers, keys, people }: Configuration, ports: string): string {
  const quoted = shellWord(file);
  return [
    `${file}: a cluster of ${servers.length}, ports ${ports} on ${HOST}, data in ${servers.map(({ dataDir }) => dataDir).join(', ')} beside it`,
    `Who has a key in ${path.join(path.dirname(file), keys)} may take part; client.key is for those who chat.`,
    `Its operator is ${people.operators[0]}; all others may chat. See people and access in ${path.basename(file)}.`,
    'Run it, each in a terminal or under your service manager:',
    `  synod balancer --config ${quoted}`,
    ...servers.map(({ id }) => `  synod server --config ${quoted} --id ${id}`),
    'Then chat:',
    `  synod chat --config ${quoted} --nick alice`,
  ].join('\n');
}
