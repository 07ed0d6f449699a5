// A child for the tests of `supervise`: says on standard output what happens to it, one JSON object a line.
//   supervised.js exit STATUS | serve | dawdle
'use strict';
const { writeSync } = require('node:fs');

const say = (event) => writeSync(1, `${JSON.stringify({ event, pid: process.pid })}\n`);
const [what, status] = process.argv.slice(2);

say('started');
if (what === 'exit') process.exit(Number(status));
// What a server does meanwhile, loading its code, takes longer than this.
if (what === 'dawdle') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
require('./typescript');
require('../../src/cli/supervise').exitWithParent();
setInterval(() => {}, 1000);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    say(signal);
    // Long enough for a second signal to be seen, if there is one.
    setTimeout(() => process.exit(3), 300);
  });
}
say('ready');
