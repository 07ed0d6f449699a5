/** A data folder that is damaged, somebody else's, or in use is refused by its own code, never taken for a new one. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { ClassicLevel } from 'classic-level';
import { openDiskStorage } from '../../src/storage/disk';
import { encodeAccepted, FORMAT, IDENTITY_KEY, recordKey, roundKey, STATE_KEY } from '../../src/storage/records';
import { value } from '../contract/storage';
import { flipBit, readAll, writeStore } from './flips';
import { expectRefused, Folders, IDENTITY, read, refusal, storeFile, writeRounds } from './folders';

const folders = new Folders();
afterAll(() => folders.remove());

const ROUNDS = 30;
const FLIPS = 150;

/** A folder whose rounds are partly in a table, partly in the log. */
async function filledTwice(): Promise<string> {
  const folder = await folders.filled(ROUNDS);
  const storage = await folders.open(folder);
  await storage.load();
  await writeRounds(storage, ROUNDS, 2 * ROUNDS);
  await folders.close(storage);
  return folder;
}

describe('whose it is', () => {
  test('another cluster', async () => {
    await expectRefused(await folders.filled(3), 'foreign', { ...IDENTITY, cluster: 'other' });
  });

  test('another server', async () => {
    await expectRefused(await folders.filled(3), 'foreign', { ...IDENTITY, server: 2 });
  });

  test('a store that was moved into the folder of another server', async () => {
    const folder = await folders.filled(3);
    const identity = path.join(folder, 'identity.json');
    writeFileSync(identity, readFileSync(identity, 'utf8').replace('"server":1', '"server":2'));
    await expectRefused(folder, 'foreign', { ...IDENTITY, server: 2 });
  });

  test('a refused folder is left as it was for its owner', async () => {
    const folder = await folders.filled(3);
    await expectRefused(folder, 'foreign', { ...IDENTITY, cluster: 'other' });
    expect((await read(folder))?.accepted).toHaveLength(3);
  });
});

describe('in use', () => {
  test('by this process', async () => {
    const folder = folders.next();
    const storage = await folders.open(folder);
    await expectRefused(folder, 'locked');
    await folders.close(storage);
  });

  test('by a living process, and free again once that is killed', async () => {
    const folder = folders.next();
    const writer = spawn(
      process.execPath,
      ['-r', 'ts-node/register/transpile-only', `${__dirname}/writer.ts`, folder],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = new Promise((resolve) => writer.once('exit', resolve));
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    await expectRefused(folder, 'locked');
    writer.kill('SIGKILL');
    await ended;
    expect((await read(folder))?.accepted.length).toBeGreaterThan(0);
  });
});

describe('not a data folder', () => {
  test('a folder that holds something else', async () => {
    const folder = folders.next();
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'thesis.tex'), 'years of work');
    await expectRefused(folder, 'corrupt');
    expect(readdirSync(folder)).toEqual(['thesis.tex']);
  });

  test('a file', async () => {
    const folder = folders.next();
    writeFileSync(folder, '');
    await expectRefused(folder, 'not-permitted');
    await expectRefused(path.join(folder, 'below'), 'not-permitted');
  });

  test('a place where no folder can be made', async () => {
    await expectRefused('/proc/synod/server-1', 'not-permitted');
  });
});

describe('not permitted', () => {
  const asUser = process.getuid?.() === 0 ? 65_534 : undefined;
  const whileUser = async (run: () => Promise<void>) => {
    if (asUser === undefined) return run();
    process.seteuid?.(asUser);
    try {
      await run();
    } finally {
      process.seteuid?.(0);
    }
  };

  /** The folders of these tests are in one that only its owner may enter. */
  beforeAll(() => chmodSync(path.dirname(folders.next()), 0o755));

  test('to make a folder', async () => {
    const parent = folders.next();
    mkdirSync(parent);
    chmodSync(parent, 0o555);
    await whileUser(() => expectRefused(path.join(parent, 'server-1'), 'not-permitted'));
    chmodSync(parent, 0o755);
  });

  test('to open a store that is there', async () => {
    const folder = await folders.filled(3);
    for (const entry of ['store', ...readdirSync(path.join(folder, 'store')).map((name) => `store/${name}`)]) {
      chmodSync(path.join(folder, entry), entry === 'store' ? 0o555 : 0o444);
    }
    for (const entry of ['', 'identity.json', 'last-batch']) chmodSync(path.join(folder, entry), 0o755);
    await whileUser(() => expectRefused(folder, 'not-permitted'));
    chmodSync(path.join(folder, 'store'), 0o755);
  });
});

describe('damaged', () => {
  test.each([
    ['the identity', (folder: string) => rmSync(path.join(folder, 'identity.json'))],
    ['the store', (folder: string) => rmSync(path.join(folder, 'store'), { recursive: true })],
    ['the number of the last batch', (folder: string) => rmSync(path.join(folder, 'last-batch'))],
    ['CURRENT', (folder: string) => rmSync(storeFile(folder, /^CURRENT$/))],
    ['the manifest', (folder: string) => rmSync(storeFile(folder, /^MANIFEST/))],
    ['the log', (folder: string) => rmSync(storeFile(folder, /\.log$/))],
    ['a table', (folder: string) => rmSync(storeFile(folder, /\.ldb$/))],
  ])('%s is missing, and is missed again the next time', async (_, remove) => {
    const folder = await filledTwice();
    remove(folder);
    await expectRefused(folder, 'corrupt');
    await expectRefused(folder, 'corrupt');
  });

  test.each([/^CURRENT$/, /^MANIFEST/, /\.log$/, /\.ldb$/])('%s is cut short, or empty', async (pattern) => {
    const folder = await filledTwice();
    const file = storeFile(folder, pattern);
    truncateSync(file, statSync(file).size - 1);
    await expectRefused(folder, 'corrupt');
    const other = await filledTwice();
    truncateSync(storeFile(other, pattern), 0);
    await expectRefused(other, 'corrupt');
    await expectRefused(other, 'corrupt');
  });

  test.each(['', 'null', '[]', '{', `{"format":${FORMAT},"cluster":1,"server":1,"state":"ready"}`])(
    'an identity of %p',
    async (text) => {
      const folder = await folders.filled(3);
      writeFileSync(path.join(folder, 'identity.json'), text);
      const { code, message } = await refusal(folder);
      expect([code, message]).toEqual(['corrupt', expect.stringContaining('identity.json')]);
    },
  );

  test('a folder of the format before, with a word about that', async () => {
    const folder = await folders.filled(3);
    const file = path.join(folder, 'identity.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"format":${FORMAT}`, '"format":1'));
    const { code, message } = await refusal(folder);
    // It is whole: nobody may put it aside as damaged.
    expect([code, message]).toEqual(['foreign', expect.stringContaining('of format 1, and this version')]);
  });

  test('the log of a server that was killed is cut short where a batch ends: what was acknowledged is missed', async () => {
    const folder = folders.next();
    const storage = await folders.open(folder);
    await storage.load();
    await writeRounds(storage, 0, 5);
    const sizeThen = statSync(storeFile(folder, /\.log$/)).size;
    await writeRounds(storage, 5, 7);
    const killed = folders.killed(folder);
    await folders.close(storage);
    expect((await read(folders.killed(killed)))?.accepted).toHaveLength(7);
    truncateSync(storeFile(killed, /\.log$/), sizeThen);
    const { code, message } = await refusal(killed);
    expect([code, message]).toEqual(['corrupt', expect.stringContaining('last 2 batches of 7')]);
  });

  test('a flipped bit anywhere is refused', async () => {
    const folder = await filledTwice();
    const files = ['last-batch', ...[/^CURRENT$/, /^MANIFEST/, /\.log$/, /\.ldb$/].map((p) => storeFile(folder, p))];
    for (const file of files.map((file) => path.relative(folder, path.resolve(folder, file)))) {
      const bytes = readFileSync(path.join(folder, file));
      const stride = Math.max(1, Math.floor(bytes.length / 14));
      for (let at = 0; at < bytes.length; at += stride) {
        const copy = folders.killed(folder);
        const damaged = Buffer.from(bytes);
        damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << (at % 8)), at);
        writeFileSync(path.join(copy, file), damaged);
        const { code } = await refusal(copy);
        expect(`${file} at ${at}: ${code}`).toBe(`${file} at ${at}: corrupt`);
        rmSync(copy, { recursive: true });
      }
    }
  });

  test('a bit flipped anywhere in a store with a history is refused when it is opened or read', async () => {
    const written = await writeStore(folders);
    expect(await readAll(written, folders.killed(written.folder))).toEqual([]);
    let refused = 0;
    for (let run = 0; run < FLIPS; run += 1) {
      const copy = folders.killed(written.folder);
      // Spread evenly over files and places, others in each run.
      const where = flipBit(copy, ((run * 7 + Math.random()) / FLIPS) % 1, (run + Math.random()) / FLIPS);
      const outcomes = await readAll(written, copy);
      expect([where, outcomes]).not.toEqual([where, expect.arrayContaining(['wrong'])]);
      refused += outcomes.length > 0 ? 1 : 0;
      rmSync(copy, { recursive: true });
    }
    // In the padding of a footer a bit means nothing.
    expect(refused).toBeGreaterThan(0.97 * FLIPS);
  });

  test.each(['is missing', 'is cut short', 'is empty'])('a table with nothing but history %s', async (what) => {
    const { folder, records } = await writeStore(folders);
    const storage = await folders.open(folder);
    await storage.load();
    const puts = records.map(({ key, value: bytes }) => ({ key: Buffer.concat([key, key]), value: bytes }));
    await storage.write([{ puts }]);
    await folders.close(storage);
    await folders.close(await folders.open(folder));
    const tables = readdirSync(path.join(folder, 'store')).filter((name) => name.endsWith('.ldb'));
    const file = path.join(folder, 'store', tables.at(-1) ?? '');
    if (what === 'is missing') rmSync(file);
    else truncateSync(file, what === 'is empty' ? 0 : statSync(file).size - 60);
    expect(await readAll({ folder, records }, folder)).toContain('refused');
  });

  test('what was found damaged while it was read is refused the next time', async () => {
    const folder = await folders.filled(3);
    const key = Buffer.from('a record');
    const storage = await folders.open(folder);
    await storage.load();
    await storage.write([{ puts: [{ key, value: Buffer.alloc(100_000, 'words ') }] }]);
    await folders.close(storage);
    const again = await folders.open(folder);
    await again.load();
    await again.get(key);
    const file = path.join(
      folder,
      'store',
      readdirSync(path.join(folder, 'store'))
        .filter((name) => name.endsWith('.ldb'))
        .at(-1) ?? '',
    );
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(50_000) ^ 1, 50_000);
    writeFileSync(file, bytes);
    await expect(again.get(key)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining('.ldb of the store'),
    });
    await folders.close(again);
    await expectRefused(folder, 'corrupt');
    await expectRefused(folder, 'corrupt');
  });

  describe('in a way that LevelDB finds sound', () => {
    const last = roundKey(2);
    const older = encodeAccepted(last, value(2, 'of an earlier batch'));

    test.each<[string, (store: ClassicLevel<Buffer, Buffer>) => Promise<void>]>([
      ['a record of other bytes', (store) => store.put(last, Buffer.from('something else'))],
      ['a record of another round', async (store) => store.put(last, (await store.get(roundKey(1))) as Buffer)],
      ['an older record of a round', (store) => store.put(last, older)],
      ['a round lost', (store) => store.del(last)],
      ['a round more', (store) => store.put(roundKey(9), encodeAccepted(roundKey(9), value(9, 'from elsewhere')))],
      ['no state', (store) => store.del(STATE_KEY)],
      ['no identity', (store) => store.del(IDENTITY_KEY)],
      ['nothing at all', (store) => store.clear()],
    ])('%s', async (_, change) => {
      const folder = await folders.filled(3);
      const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
      const store = new ClassicLevel<Buffer, Buffer>(path.join(folder, 'store'), encodings);
      await change(store);
      await store.close();
      await expectRefused(folder, 'corrupt');
    });

    test('a record of other bytes, which says so when it is read', async () => {
      const folder = await folders.filled(3);
      const [key, other] = [Buffer.from('a'), Buffer.from('b')];
      const before = await folders.open(folder);
      await before.load();
      await before.write([
        {
          puts: [
            { key, value: key },
            { key: other, value: other },
          ],
        },
      ]);
      await folders.close(before);
      const encodings = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const;
      const store = new ClassicLevel<Buffer, Buffer>(path.join(folder, 'store'), encodings);
      await store.put(recordKey(key), (await store.get(recordKey(other))) as Buffer);
      await store.close();
      const storage = await folders.open(folder);
      await storage.load();
      expect(await storage.get(other)).toEqual(other);
      const error = { code: 'corrupt', message: expect.stringContaining(recordKey(key).toString('hex')) };
      await expect(storage.get(key)).rejects.toMatchObject(error);
      await expect(storage.scan({ from: key, to: other, limit: 9, bytes: 99 })).rejects.toMatchObject(error);
      await folders.close(storage);
    });
  });
});

test('a folder with its files is its owner’s alone', async () => {
  const folder = folders.next();
  const storage = await openDiskStorage(folder, IDENTITY);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  await storage.close();
});
