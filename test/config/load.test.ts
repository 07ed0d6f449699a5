/** A configuration is taken when everything in it holds; otherwise each problem is a line that says where it stands. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { loadConfig } from '../../src/config/load';
import { ConfigError } from '../../src/config/problems';

const CONFIGS = path.resolve(__dirname, '../../config');
const folder = mkdtempSync(path.join(os.tmpdir(), 'synod-config-'));
const file = path.join(folder, 'cluster.json');
afterAll(() => rmSync(folder, { recursive: true }));

interface Written {
  [key: string]: unknown;
  servers: Record<string, unknown>[];
  balancer: Record<string, unknown>;
}

/** The cluster of three, changed by hand. */
function written(change: (config: Written) => void = () => {}): string {
  const config = JSON.parse(readFileSync(path.join(CONFIGS, 'cluster-3.json'), 'utf8')) as Written;
  change(config);
  return JSON.stringify(config);
}

function load(text: string, environment: NodeJS.ProcessEnv = {}, flags = {}) {
  writeFileSync(file, text);
  return loadConfig(file, flags, environment);
}

/** What a user is told: every line, without the file's name. */
function problems(text: string, environment: NodeJS.ProcessEnv = {}): readonly string[] {
  try {
    load(text, environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n').map((line) => line.replace(`${file}: `, ''));
    throw error;
  }
  throw new Error('the configuration was taken');
}

const server = (config: Written, index: number) => config.servers[index] ?? {};

describe('taken', () => {
  test.each([1, 3, 5, 7])('the cluster of %i of the repository', (size) => {
    const config = loadConfig(path.join(CONFIGS, `cluster-${size}.json`), {}, {});
    expect(config.servers.map(({ id }) => id)).toEqual(Array.from({ length: size }, (_, index) => index + 1));
    expect(config.storage).toBe('disk');
    expect(config.servers[0]?.dataDir).toBe(path.resolve(CONFIGS, `../data/cluster-${size}/server-1`));
  });

  test('the clusters of the repository can run side by side', () => {
    const configs = readdirSync(CONFIGS).map((name) => loadConfig(path.join(CONFIGS, name), {}, {}));
    const addresses = configs.flatMap(({ balancer, servers }) => [
      ...Object.values(balancer),
      ...servers.flatMap(({ pub, rep }) => [pub, rep]),
    ]);
    const folders = configs.flatMap(({ servers }) => servers.map(({ dataDir }) => dataDir));
    expect(new Set(addresses).size).toBe(2 * configs.length + 2 * folders.length);
    expect(new Set(folders).size).toBe(folders.length);
    expect(new Set(configs.map(({ cluster }) => cluster)).size).toBe(configs.length);
  });

  test('everything that may be left out has a default', () => {
    const config = load(written((config) => delete config.storage));
    expect(config.storage).toBe('disk');
    expect(config.timeouts).toMatchObject({ heartbeatMs: 50, electionTimeoutMs: 400, deadAfterMs: 1000 });
    expect(config.limits.chat.textBytes).toBe(4096);
    expect(config.limits.paxos).toMatchObject({ heartbeatMs: 50, windowRounds: 8, batchBytes: 262_144 });
  });

  test('what is set goes where it counts', () => {
    const config = load(
      written((config) => {
        config.timeouts = { heartbeatMs: 20, deadAfterMs: 900 };
        config.limits = {
          textBytes: 100,
          windowRounds: 1,
          clients: 11,
          roomsPerSession: 12,
          sessionsPerKey: 13,
          nicksPerKey: 14,
          nameChars: 16,
          postsPerSecond: 17,
          postBurst: 18,
          opensPerSecond: 119,
          clientQueueBytes: 2_097_153,
          framesPerSecond: 1001,
          handshakeMs: 502,
        };
      }),
    );
    expect(config.limits.paxos).toMatchObject({ heartbeatMs: 20, windowRounds: 1, pipelineRounds: 1 });
    expect(config.limits.balancer.deadAfterMs).toBe(900);
    const { chat, client, server, balancer, transport } = config.limits;
    expect([chat.textBytes, client.textBytes]).toEqual([100, 100]);
    expect(chat).toMatchObject({ roomsPerSession: 12, sessionsPerKey: 13, nicksPerKey: 14, nameChars: 16 });
    expect(server).toMatchObject({ postsPerSecond: 17, postBurst: 18, opensPerSecond: 119 });
    expect(balancer).toMatchObject({ clients: 11, clientQueueBytes: 2_097_153, framesPerSec: 1001 });
    expect(transport.handshakeMs).toBe(502);
  });

  test('servers in any order, by id, with absolute folders', () => {
    const config = load(
      written((config) => {
        config.servers.reverse();
        server(config, 0).dataDir = '/var/lib/synod';
      }),
    );
    expect(config.servers.map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(config.servers[2]?.dataDir).toBe('/var/lib/synod');
    expect(config.servers[0]?.dataDir).toBe(path.resolve(folder, '../data/cluster-3/server-1'));
  });

  test('a byte order mark, as some editors write it', () => {
    expect(load(`\ufeff${written()}`).cluster).toBe('synod-3');
  });
});

describe('from the environment and flags', () => {
  test('a variable goes over the file, a flag over both', () => {
    const environment = {
      SYNOD_STORAGE: 'memory',
      SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS: '800',
      SYNOD_LIMITS_CLIENTS: '7',
      SYNOD_BALANCER_CLIENTS: 'tcp://127.0.0.1:9999',
      SYNOD_CLUSTER: 'from-outside',
    };
    const config = load(written(), environment);
    expect([config.storage, config.timeouts.electionTimeoutMs, config.cluster]).toEqual([
      'memory',
      800,
      'from-outside',
    ]);
    expect([config.limits.balancer.clients, config.balancer.clients]).toEqual([7, 'tcp://127.0.0.1:9999']);
    expect(load(written(), environment, { storage: 'disk' }).storage).toBe('disk');
  });

  test('an empty variable and one that is not about the file set nothing', () => {
    expect(load(written(), { SYNOD_STORAGE: '', SYNOD_LOG: 'debug', SYNOD_CONFIG: '/else' }).storage).toBe('disk');
  });

  test('a wrong value names the variable', () => {
    const environment = { SYNOD_STORAGE: 'tape', SYNOD_TIMEOUTS_HEARTBEAT_MS: 'soon', SYNOD_LIMITS_CLIENTS: '1.5' };
    expect(problems(written(), environment)).toEqual([
      'SYNOD_STORAGE: found "tape", allowed: "disk" or "memory"',
      'SYNOD_TIMEOUTS_HEARTBEAT_MS: found "soon", allowed: a whole number of milliseconds from 5 to 600000',
      'SYNOD_LIMITS_CLIENTS: found 1.5, allowed: a whole number from 1 to 200000',
    ]);
    expect(problems(written(), { SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS: '100' })).toEqual([
      'SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS: found 100, allowed: at least 200 (4 times timeouts.heartbeatMs)',
    ]);
  });

  test('a variable that sets nothing is pointed out', () => {
    expect(problems(written(), { SYNOD_TIMEOUTS_ELECTION_MS: '800' })).toEqual([
      'SYNOD_TIMEOUTS_ELECTION_MS: no such setting; did you mean SYNOD_TIMEOUTS_ELECTION_TIMEOUT_MS?',
    ]);
  });

  test.each([
    [{ SYNOD_STORGE: 'memory' }, 'SYNOD_STORGE: no such setting; did you mean SYNOD_STORAGE?'],
    [{ SYNOD_CONFG: '/else' }, 'SYNOD_CONFG: no such setting; did you mean SYNOD_CONFIG?'],
    [{ SYNOD_LOG: 'loud' }, 'SYNOD_LOG: found "loud", allowed: debug, info, warn, error'],
  ])('one that is misspelt, or says how loud in another word: %j', (environment, expected) => {
    expect(problems(written(), environment)).toEqual([expected]);
  });

  test('what tests and parents hand down to processes is no mistake', () => {
    expect(() => load(written(), { SYNOD_SUPERVISED: '1', SYNOD_RUNS: '9', SYNOD_SEED: '1' })).not.toThrow();
  });

  test('a part of the file that is no object is not covered up', () => {
    const text = written((config) => {
      config.timeouts = [];
    });
    expect(problems(text, { SYNOD_TIMEOUTS_HEARTBEAT_MS: '20' })).toEqual([
      'timeouts: found a list of 0, allowed: an object',
    ]);
  });
});

describe('refused', () => {
  test.each<[string, (config: Written) => void, string]>([
    [
      'a wrong type',
      (config) => {
        server(config, 1).pub = 7101;
      },
      'servers[1].pub: found 7101, allowed: an address like tcp://127.0.0.1:7101',
    ],
    [
      'a key that is missing',
      (config) => delete server(config, 2).rep,
      'servers[2].rep: found nothing, allowed: an address like tcp://127.0.0.1:7101',
    ],
    [
      'a part that is missing',
      (config) => delete (config as Partial<Written>).balancer,
      'balancer: found nothing, allowed: an object with the addresses clients and servers',
    ],
    [
      'a key that nobody knows',
      (config) => {
        server(config, 0).datadir = 'x';
      },
      'servers[0].datadir: unknown key, allowed: id, pub, rep, dataDir; did you mean dataDir?',
    ],
    [
      'a part that nobody knows',
      (config) => {
        config.colour = 'red';
      },
      'colour: unknown key, allowed: cluster, servers, balancer, storage, keys, access, people, timeouts, limits',
    ],
    [
      'a timeout that nobody knows',
      (config) => {
        config.timeouts = { electionTimeout: 400 };
      },
      'timeouts.electionTimeout: unknown key, allowed: heartbeatMs, electionTimeoutMs, retransmitMs, questionTimeoutMs, deadAfterMs; did you mean electionTimeoutMs?',
    ],
    [
      'an even number of servers',
      (config) => config.servers.pop(),
      'servers: found a list of 2, allowed: a list of 1, 3, 5 or 7 servers',
    ],
    [
      'an id twice',
      (config) => {
        server(config, 2).id = 1;
      },
      'servers[2].id: found 1, allowed: an id of its own, this is that of servers[0].id',
    ],
    [
      'an id of none',
      (config) => {
        server(config, 0).id = 0;
      },
      'servers[0].id: found 0, allowed: a whole number from 1 to 65535',
    ],
    [
      'an address twice',
      (config) => {
        server(config, 1).rep = config.balancer.clients;
      },
      'servers[1].rep: found "tcp://127.0.0.1:7300", allowed: an address of its own, this is that of balancer.clients',
    ],
    [
      'a cluster name that is none',
      (config) => {
        config.cluster = 'a b';
      },
      'cluster: found "a b", allowed: a name of 1 to 64 letters, digits, "-", "_" or "."',
    ],
    [
      'a number beyond its bounds',
      (config) => {
        config.limits = { windowRounds: 0 };
      },
      'limits.windowRounds: found 0, allowed: a whole number from 1 to 1024',
    ],
    [
      'an election timeout that heartbeats cannot keep',
      (config) => {
        config.timeouts = { heartbeatMs: 200 };
      },
      'timeouts.electionTimeoutMs: found 400, allowed: at least 800 (4 times timeouts.heartbeatMs)',
    ],
    [
      'a server that is dead at once',
      (config) => {
        config.timeouts = { deadAfterMs: 100 };
      },
      'timeouts.deadAfterMs: found 100, allowed: at least 400 (a server is heard a few times a second)',
    ],
    [
      'a batch that the longest message does not fit in',
      (config) => {
        config.limits = { textBytes: 65_536, batchBytes: 65_536 };
      },
      'limits.batchBytes: found 65536, allowed: at least 69632 (limits.textBytes and 4096 around it)',
    ],
    [
      'snapshots of less than one batch',
      (config) => {
        config.limits = { snapshotBytes: 131_072 };
      },
      'limits.snapshotBytes: found 131072, allowed: at least 262144 (limits.batchBytes)',
    ],
  ])('%s', (_, change, line) => {
    expect(problems(written(change))).toEqual([line]);
  });

  test.each([
    '127.0.0.1:7101',
    'tcp://*:7101',
    'tcp://host',
    'tcp://host:0',
    'tcp://host:65536',
    'tcp://a b:1',
    'ipc:///x',
    'tcp://::1:7101',
  ])('the address %s', (address) => {
    const text = written((config) => {
      config.balancer.servers = address;
    });
    expect(problems(text)).toEqual([expect.stringMatching(/^balancer\.servers: found .*, allowed: an address/)]);
  });

  test.each(['tcp://localhost:1', 'tcp://[::1]:7101', 'tcp://node-1.example.org:65535'])(
    'not the address %s',
    (address) => {
      const text = written((config) => {
        config.balancer.servers = address;
      });
      expect(load(text).balancer.servers).toBe(address);
    },
  );

  test.each(['', '/../server-1', '/inner'])(
    'a data folder that is, or is within, that of another server: %p',
    (inner) => {
      const text = written((config) => {
        server(config, 2).dataDir = `${server(config, 0).dataDir}${inner}`;
      });
      expect(problems(text)).toEqual([
        expect.stringMatching(/^servers\[2\]\.dataDir: found .*, allowed: a folder outside of servers\[0\]\.dataDir$/),
      ]);
    },
  );

  test('every problem at once', () => {
    const text = written((config) => {
      delete config.cluster;
      config.storage = 'tape';
      server(config, 0).pub = null;
    });
    expect(problems(text)).toHaveLength(3);
  });

  test.each(['[]', 'null', '3', '"text"'])('a file that holds %s', (text) => {
    expect(problems(text)).toEqual([expect.stringMatching(/^the whole: found .*, allowed: an object with cluster/)]);
  });
});

describe('not readable', () => {
  const whole = (text: string) => problems(text).join('\n').replace(file, 'F');

  test('line and column of the first mistake', () => {
    expect(whole('{\n  "cluster": "a",\n  "servers": [,]\n}')).toBe('F:3:15: not JSON: found ",", expected a value');
    expect(whole('{ "cluster": ')).toBe('F:1:14: not JSON: found the end of the file, expected a value');
    expect(whole('{\n "a": 1\n "b": 2 }')).toBe('F:3:2: not JSON: found "\\"", expected "," or "}"');
    expect(whole("{ 'a': 1 }")).toBe('F:1:3: not JSON: found "\'", expected a key in double quotes');
    expect(whole('{ "a": 1, }')).toBe('F:1:11: not JSON: found "}", expected a key in double quotes');
    expect(whole('{} {}')).toBe('F:1:4: not JSON: found "{", expected the end of the file');
    expect(whole('')).toBe('F:1:1: not JSON: found the end of the file, expected a value');
    expect(whole('{ "a": 01 }')).toBe('F:1:9: not JSON: found "1", expected "," or "}"');
  });

  test('a key that comes twice', () => {
    expect(whole('{"cluster": "a",\n"cluster": "b"}')).toBe('F:2:1: not JSON: the key "cluster" comes twice');
  });

  test('text that is not UTF-8', () => {
    writeFileSync(file, Buffer.from([0x7b, 0xff, 0x7d]));
    expect(() => loadConfig(file, {}, {})).toThrow(`${file}: not JSON: the text is not UTF-8`);
  });

  test('nested without end', () => {
    expect(whole('['.repeat(100_000))).toMatch(/nested deeper than 32 levels$/);
  });

  test('a file that is not there, and a folder, say what to do', () => {
    const missing = path.join(folder, 'none.json');
    expect(() => loadConfig(missing)).toThrow(
      `${missing}: there is no such file; name a configuration with --config, or make one with synod init`,
    );
    expect(() => loadConfig(folder)).toThrow(/cannot be read \(EISDIR\); name a configuration/);
  });
});
