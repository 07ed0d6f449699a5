/** `synod init`: writes the configuration and the data folders of a new cluster on this host. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { CLUSTER_SIZES } from '../config/schema';
import { EXIT, ExitError } from '../lib/exit';

export interface InitFlags {
  readonly servers: number;
  readonly basePort: number;
  readonly out: string;
  readonly storage?: string;
  readonly cluster?: string;
}

const HOST = '127.0.0.1';
/** The balancer has two addresses, and so has each server. */
const PORTS_EACH = 2;
const MAX_PORT = 65_535;

/**
 * @returns what to tell the user
 * @throws ExitError usage: a size that no cluster has, ports beyond the last; failure: the file is there already
 */
export async function init(flags: InitFlags): Promise<string> {
  const { servers, basePort, out } = flags;
  if (!CLUSTER_SIZES.includes(servers)) {
    throw new ExitError(EXIT.usage, `--servers ${servers}: a cluster has ${CLUSTER_SIZES.join(', ')} servers`);
  }
  const lastPort = basePort + PORTS_EACH * (servers + 1) - 1;
  if (lastPort > MAX_PORT) {
    throw new ExitError(
      EXIT.usage,
      `--base-port ${basePort}: the ports up to ${lastPort} are needed, ${MAX_PORT} is the last`,
    );
  }
  const file = path.join(out, 'cluster.json');
  const config = clusterOf(flags);
  try {
    for (const { dataDir } of config.servers) await mkdir(path.join(out, dataDir), { recursive: true, mode: 0o700 });
    await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already; name another folder with --out' : message;
    throw new ExitError(code === 'EACCES' ? EXIT.system : EXIT.failure, `${file}: ${why}`, { cause });
  }
  return [
    `${file}: a cluster of ${servers}, ports ${basePort} to ${lastPort} on ${HOST}`,
    'Run it, each in a terminal or under your service manager:',
    `  synod balancer --config ${file}`,
    ...config.servers.map(({ id }) => `  synod server --config ${file} --id ${id}`),
    'Then chat:',
    `  synod chat --config ${file} --nick alice`,
  ].join('\n');
}

function clusterOf({ servers, basePort, storage, cluster }: InitFlags) {
  const address = (offset: number) => `tcp://${HOST}:${basePort + offset}`;
  return {
    cluster: cluster ?? `synod-${servers}`,
    balancer: { clients: address(0), servers: address(1) },
    storage: storage ?? 'disk',
    servers: Array.from({ length: servers }, (_, index) => ({
      id: index + 1,
      pub: address(PORTS_EACH * (index + 1)),
      rep: address(PORTS_EACH * (index + 1) + 1),
      dataDir: `server-${index + 1}`,
    })),
  };
}
