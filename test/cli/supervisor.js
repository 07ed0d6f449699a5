// Runs a command under `supervise`, as a process of its own: supervisor.js PROGRAM ARGUMENTS…
'use strict';
require('./typescript');
const { supervise } = require('../../src/cli/supervise');

process.stdout.write(`${JSON.stringify({ event: 'supervising', pid: process.pid })}\n`);
supervise(['the', 'child'], process.argv.slice(2)).then((status) => process.exit(status));
