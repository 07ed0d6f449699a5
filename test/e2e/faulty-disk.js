/**
 * Loaded before a server (`node --require`), it makes its disk do what the file named by FAULTY_DISK_FILE says, from one
 * write to the next: `slow 200` takes so many milliseconds longer for each sync, `fail TEXT` writes nothing and fails
 * with what LevelDB would say, anything else is a disk as it is. The file with `.syncs` after its name counts writes.
 */
const { appendFileSync, readFileSync } = require('node:fs');
const { setTimeout: sleep } = require('node:timers/promises');
const { ClassicLevel } = require('classic-level');

const file = process.env.FAULTY_DISK_FILE;
const batchOf = ClassicLevel.prototype.batch;

ClassicLevel.prototype.batch = function (...args) {
  const batch = batchOf.apply(this, args);
  if (args.length === 0) {
    const write = batch.write.bind(batch);
    batch.write = async (options) => {
      const [what, ...rest] = readFileSync(file, 'utf8').trim().split(' ');
      if (what === 'slow') await sleep(Number(rest[0]));
      if (what === 'fail') throw new Error(rest.join(' '));
      await write(options);
      appendFileSync(`${file}.syncs`, '.');
    };
  }
  return batch;
};
