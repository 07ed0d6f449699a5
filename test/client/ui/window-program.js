// The real window on a client that is not there: for the tests of what becomes of the terminal.
//   window-program.js [never-ends POSTS [kept] | tidies FILE]
// What is typed is said at once; the first line names the process. "throw" and "reject" make the program fail.
// SIGUSR2 has somebody else say something.
'use strict';
const { writeFileSync } = require('node:fs');
require('../../cli/typescript');
const { showWindow } = require('../../../src/client/ui/window');

// As main.ts has it.
for (const failure of ['uncaughtException', 'unhandledRejection']) {
  process.once(failure, (error) => {
    process.stderr.write(`failed: ${error.message}\n`);
    process.exit(70);
  });
}

const [manner, file, kept] = process.argv.slice(2);
const unconfirmedLines = manner === 'never-ends' ? Number(file ?? 2) : 0;
const session = 'aa';
process.stdout.on('error', (error) => {
  throw error;
});

const [nick, room, server] = ['alice', 'lobby', 1];

function connect(onEvent) {
  let position = 0;
  const say = (text, seq, by = session) => {
    position += 1;
    const line = { position, room, index: position, round: position, nick, text, time: Date.now(), session: by, seq };
    onEvent({ type: 'message', ...line });
  };
  setImmediate(() => {
    onEvent({ type: 'welcome', session, server, nick, position });
    onEvent({ type: 'status', state: 'online', server, reason: '' });
    say(`pid ${process.pid}.`, 0, 'bb');
  });
  process.on('SIGUSR2', () => say('said meanwhile', 0, 'bb'));
  let seq = 0;
  return {
    unconfirmedLines,
    isKept: manner === 'never-ends' && kept === 'kept',
    post(command, id) {
      seq += 1;
      if (command.type !== 'say') return;
      if (command.text === 'throw') throw new Error('on purpose');
      if (command.text === 'reject') void Promise.reject(new Error('on purpose'));
      const confirmed = { type: 'ack', id, seq, position: position + 1, round: position + 1 };
      setImmediate(() => {
        onEvent(confirmed);
        say(`${command.text} (said)`, confirmed.seq, 'bb');
      });
    },
    ask() {},
    markRead() {},
    close() {
      if (manner !== 'never-ends') setImmediate(() => onEvent({ type: 'ended', status: 0 }));
    },
    dispose() {},
  };
}

const own = {
  prefer: (preferences, key, text) => ({ ...preferences, [key]: text }),
  keepDrafts: () => '',
  logsIn: (logs) => logs,
};

showWindow({ nick, room, greeting: [], wallMs: () => Date.now(), connect, ...own }).then(async (status) => {
  if (manner === 'tidies') {
    // As `synod demo` does, whose servers have to be ended.
    await new Promise((resolve) => setTimeout(resolve, 500));
    writeFileSync(file, `${status}`);
  }
  process.exit(status);
});
