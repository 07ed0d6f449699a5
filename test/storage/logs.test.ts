/** LevelDB's own logs: a batch that is missed there is found, and one of which nobody was told is none. */
import { readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { encodeWitness } from '../../src/storage/records';
import { Folders, read, refusal, storeFile, writeRounds } from './folders';

const folders = new Folders();
afterAll(() => folders.remove());

/** The bytes behind `to`, which is moved to `from`: as far as pieces may go on in that block. */
function sameBlock(bytes: Buffer, from: number, to: number): Buffer {
  const block = 32 * 1024;
  return bytes.subarray(to, to + block - (from % block));
}

describe('a batch of nothing but history in the log of LevelDB', () => {
  /** Its pieces are in four blocks, and batches of rounds are before and behind it. */
  const BATCH_BYTES = 100_000;

  async function withBatch(rounds: number): Promise<{ folder: string; log: string; from: number; to: number }> {
    const folder = folders.next();
    const storage = await folders.open(folder);
    await storage.load();
    const log = storeFile(folder, /\.log$/);
    await writeRounds(storage, 0, 3);
    const from = statSync(log).size;
    await storage.write([{ puts: [{ key: Buffer.from('history'), value: Buffer.alloc(BATCH_BYTES, 'x') }] }]);
    const to = statSync(log).size;
    if (rounds > 0) await writeRounds(storage, 3, 3 + rounds);
    await folders.close(storage);
    return { folder, log: path.relative(folder, log), from, to };
  }

  test.each([2, 200])('that is damaged anywhere is missed, with %i rounds behind it', async (rounds) => {
    const { folder, log, from, to } = await withBatch(rounds);
    const bytes = readFileSync(path.join(folder, log));
    for (let at = from; at < to; at += 4999) {
      for (const damage of ['flip', 'zeros']) {
        const copy = folders.killed(folder);
        const damaged = Buffer.from(bytes);
        if (damage === 'flip') damaged.writeUInt8(damaged.readUInt8(at) ^ 4, at);
        else damaged.fill(0, at & ~511, Math.min(to, (at & ~511) + 512));
        writeFileSync(path.join(copy, log), damaged);
        const { code, message } = await refusal(copy);
        expect([at, damage, code, message]).toEqual([
          at,
          damage,
          'corrupt',
          expect.stringMatching(/\.log of the store|batches/),
        ]);
        rmSync(copy, { recursive: true });
      }
    }
  });

  test('that is cut out of the log, to the byte, is missed', async () => {
    const { folder, log, from, to } = await withBatch(2);
    const bytes = readFileSync(path.join(folder, log));
    const copy = folders.killed(folder);
    // What follows begins in the same block, and is read.
    writeFileSync(path.join(copy, log), Buffer.concat([bytes.subarray(0, from), sameBlock(bytes, from, to)]));
    const { code, message } = await refusal(copy);
    expect([code, message]).toEqual(['corrupt', expect.stringMatching(/\.log of the store/)]);
  });

  test('in a log of before that came back, torn, when the batch is none', async () => {
    const { folder, log } = await withBatch(0);
    const torn = readFileSync(path.join(folder, log));
    writeFileSync(path.join(folder, log), torn.subarray(0, torn.length - 5));
    writeFileSync(path.join(folder, 'last-batch'), encodeWitness(3));
    const storage = await folders.open(folder);
    await storage.load();
    await writeRounds(storage, 3, 6);
    await folders.close(storage);
    writeFileSync(path.join(folder, log), torn.subarray(0, torn.length - 5));
    expect((await read(folder))?.accepted).toHaveLength(6);
  });

  test('that is torn at the end, before anybody was told of it, is none', async () => {
    const { folder, log, from, to } = await withBatch(0);
    for (const size of [from, from + 3, from + 7, from + 50_000, to - 1]) {
      const copy = folders.killed(folder);
      truncateSync(path.join(copy, log), size);
      // The witness is written after the batch is durable: it knows of the three before.
      const witness = path.join(copy, 'last-batch');
      writeFileSync(witness, encodeWitness(3));
      expect((await read(copy))?.accepted).toHaveLength(3);
    }
  });

  test('of which sectors in the middle did not reach the disk, before anybody was told of it, is none', async () => {
    const { folder, log, to } = await withBatch(0);
    const copy = folders.killed(folder);
    const bytes = readFileSync(path.join(copy, log));
    bytes.fill(0, to - 60_000, to - 50_000);
    writeFileSync(path.join(copy, log), bytes);
    writeFileSync(path.join(copy, 'last-batch'), encodeWitness(3));
    expect((await read(copy))?.accepted).toHaveLength(3);
  });
});
