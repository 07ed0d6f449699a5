/**
 * Writes round after round to a data folder, and prints the number of each once it is durable, until it is killed.
 * A round's batch has three values and the state: all of it must be there, or nothing.
 */
import { writeSync } from 'node:fs';
import { openDiskStorage } from '../../src/storage/disk';
import { hardState, value } from '../contract/storage';
import { IDENTITY } from './identity';

async function main(folder: string): Promise<void> {
  const storage = await openDiskStorage(folder, IDENTITY);
  const found = await storage.load();
  for (let batch = found?.state.committed ?? 0; ; batch++) {
    const accepted = [0, 1, 2].map((part) => value(3 * batch + part, `batch ${batch} `.repeat(1 + (batch % 500))));
    await storage.write([{ state: hardState(1, batch + 1), accepted }]);
    writeSync(1, `${batch + 1}\n`);
  }
}

void main(process.argv[2] ?? '');
