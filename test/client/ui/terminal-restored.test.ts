/** The window on a real terminal: however it ends, the terminal is as it was before. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Shell } from './shell';

const PROGRAM = `'${process.execPath}' '${path.join(__dirname, 'window-program.js')}'`;
/** Says how it ended and how the terminal is; the sum hides the text from the echo of the command. */
const AFTER = `; echo "status $?"; stty -a | grep -Eo -- '-?(icanon|echo|isig|icrnl)( |$)' | tr -d '\\n'; echo end$((40 + 2))`;
const COOKED = /icrnl (?:icanon isig|isig icanon) echo end42/;

const shells: Shell[] = [];
afterEach(async () => {
  await Promise.all(shells.splice(0).map((shell) => shell.dispose()));
});

/** A window in a shell. @returns the shell, and the window's process */
async function started(manner = '', env: Readonly<Record<string, string>> = {}): Promise<[Shell, number]> {
  const shell = new Shell(env);
  shells.push(shell);
  await shell.until(/prompt\$/, false);
  // Bash would switch bracketed paste on for each line that it reads.
  shell.write("bind 'set enable-bracketed-paste off'; clear\r");
  await shell.until(/^prompt\$$/m, false);
  shell.write(`printf '\\e]2;mine\\a'; ${PROGRAM} ${manner}${AFTER}\r`);
  return [shell, Number(await shell.until(/pid (\d+)\./, true))];
}

/** The terminal is the shell's again, in order. @returns the exit status */
async function restored(shell: Shell): Promise<number> {
  const status = Number(await shell.until(/^status (\d+)$[\s\S]*end42\s+prompt\$$/m, false));
  expect(shell.text).toMatch(COOKED);
  expect(shell.state).toEqual({ alternate: false, cursor: true, focus: false, paste: false, title: 'mine' });
  return status;
}

describe('the terminal is restored after', () => {
  test('/quit', async () => {
    const [shell] = await started();
    shell.write('hello\r');
    await shell.until(/hello \(said\)/, true);
    shell.write('/quit\r');
    expect(await restored(shell)).toBe(0);
  });

  test('Ctrl-D on an empty line, but not on another one', async () => {
    const [shell] = await started();
    shell.write('x\u0004\u007f\u0004');
    expect(await restored(shell)).toBe(0);
  });

  test('Ctrl-C twice; once keeps the draft', async () => {
    const [shell] = await started();
    shell.write('a draft\u0003');
    await shell.until(/Ctrl-C again leaves/, true);
    shell.write('!');
    await shell.until(/> a draft!/, true);
    shell.write('\u0003\u0003');
    expect(await restored(shell)).toBe(0);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const)('%s', async (signal, status) => {
    const [shell, pid] = await started();
    process.kill(pid, signal);
    expect(await restored(shell)).toBe(status);
  });

  test('two signals in a row', async () => {
    const [shell, pid] = await started('never-ends');
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGTERM');
    expect(await restored(shell)).toBe(143);
  });

  test('an exception, whose message is seen', async () => {
    const [shell] = await started();
    shell.write('throw\r');
    expect(await restored(shell)).toBe(70);
    expect(shell.text).toContain('failed: on purpose');
  });

  test('a rejection that nobody handles', async () => {
    const [shell] = await started();
    shell.write('reject\r');
    expect(await restored(shell)).toBe(70);
    expect(shell.text).toContain('failed: on purpose');
  });

  test.each([
    ['0', 0, ''],
    ['1', 75, '1 of your posts was not confirmed'],
    ['2', 75, '2 of your posts were not confirmed'],
    ['2 kept', 75, '2 of your posts were not confirmed: kept, and sent next time'],
  ])('leaving with %s posts that are not confirmed, which is said', async (posts, expected, complaint) => {
    const [shell] = await started(`never-ends ${posts}`);
    shell.write('/quit\r');
    await shell.until(/leaving/, true);
    shell.write('\u0003');
    expect(await restored(shell)).toBe(expected);
    expect(shell.text).toContain(complaint);
    expect(shell.text.includes('of your posts')).toBe(posts !== '0');
  });
});

test('Ctrl-Z gives the terminal to the shell, fg takes it back', async () => {
  const [shell] = await started();
  shell.write('kept draft');
  await shell.until(/> kept draft/, true);
  for (let round = 1; round <= 2; round += 1) {
    shell.write('\u001a');
    await shell.until(/Stopped/, false);
    shell.write(`clear; true${AFTER}\r`);
    await shell.until(/^status 0$[\s\S]*end42\s+prompt\$$/m, false);
    expect(shell.text).toMatch(COOKED);
    expect(shell.state).toEqual({ alternate: false, cursor: true, focus: false, paste: false, title: 'mine' });
    shell.write('fg\r');
    await shell.until(/> kept draft/, true);
    expect(shell.state).toMatchObject({ focus: true, title: '#lobby - synod' });
    shell.write('.');
    // Each key counts once, also after coming back twice.
    await shell.until(new RegExp(`^> kept draft\\.{${round}}$`, 'm'), true);
  }
  shell.write('\u0015/quit\r');
  await shell.until(/prompt\$$/m, false);
  shell.write(`clear; true${AFTER}\r`);
  expect(await restored(shell)).toBe(0);
});

test('in the foreground again it has the size that the terminal was given meanwhile', async () => {
  const [shell] = await started();
  shell.write('draft\u001a');
  await shell.until(/Stopped[\s\S]*prompt\$$/m, false);
  // Nobody but the shell is told.
  shell.resize(40, 12);
  shell.write('fg\r');
  await shell.until(/^ #lobby$[\s\S]*^ alice \| #lobby.*\n> draft$/m, true);
  expect(shell.text.split('\n')[10]).toMatch(/^ alice \| #lobby/);
  shell.write('x');
  await shell.until(/^> draftx$/m, true);
});

test('stopped and continued without having been asked, in another size, it paints itself anew', async () => {
  const [shell, pid] = await started();
  shell.write('draft');
  await shell.until(/> draft/, true);
  process.kill(pid, 'SIGSTOP');
  shell.resize(40, 12);
  await shell.until(/prompt\$ *$/m, true);
  shell.write('fg\r');
  await shell.until(/^> draft$/m, true);
  shell.write('x');
  await shell.until(/^> draftx$/m, true);
  expect(shell.text.split('\n')[10]).toMatch(/^ alice \| #lobby/);
});

test('made as small as it gets and large again, every cell is what it was', async () => {
  const [shell] = await started();
  shell.write('/me says 漢字 and é to nobody in particular, at some length, so that it takes more than one row\r');
  await shell.until(/one row \(said\)/, true);
  shell.write('a draft');
  await shell.until(/^> a draft$/m, true);
  const { text, cells } = shell;
  shell.resize(20, 5);
  await shell.until(/^ #lobby\n.*one row\n.*\(said\)\n alice \| #lobby.*\n> a draft$/, true);
  shell.resize(80, 24);
  await shell.until(new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`), true);
  expect(shell.cells).toEqual(cells);
});

test('without its terminal it does not stay', async () => {
  const [shell, pid] = await started('never-ends');
  shell.close();
  for (let tries = 0; tries < 200 && isAlive(pid); tries += 1) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});

test('without its terminal, and whatever signals follow, what comes after it is done', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'synod-window-'));
  const file = path.join(folder, 'tidied');
  const [shell, pid] = await started(`tidies '${file}'`);
  shell.close();
  for (let tries = 0; tries < 200 && isAlive(pid); tries += 1) {
    if (tries % 4 === 0) process.kill(pid, 'SIGHUP');
    await sleep(50);
  }
  const status = existsSync(file) ? readFileSync(file, 'utf8') : 'none';
  rmSync(folder, { recursive: true });
  expect(status).toBe('129');
});

describe('with the person’s own editor', () => {
  /** Says where it is and who can read it, and adds a line that is typed on the terminal. */
  const EDITOR = `#!/bin/sh
printf '%s ' "$1" $(stat -c %a "$1" "$(dirname "$1")") > "$0.seen"
echo editing
read -r answer
printf '%s\\n' "$answer" >> "$1"
`;
  let editor = '';
  beforeAll(() => {
    editor = path.join(mkdtempSync(path.join(tmpdir(), 'synod-editor-')), 'editor');
    writeFileSync(editor, EDITOR, { mode: 0o700 });
  });
  afterAll(() => rmSync(path.dirname(editor), { recursive: true }));

  /** What it saw: the file, its mode, and that of its folder. */
  function seen(): readonly string[] {
    return readFileSync(`${editor}.seen`, 'utf8').trim().split(' ');
  }

  async function editing(): Promise<[Shell, number]> {
    const [shell, pid] = await started('', { EDITOR: 'not-this-one', VISUAL: `MARK=1 ${editor}` });
    shell.write('a draft\u001b\r\u0018\u0005');
    await shell.until(/^editing$/m, false);
    return [shell, pid];
  }

  test('the text goes there and back, and what was said meanwhile is there', async () => {
    const [shell, pid] = await editing();
    process.kill(pid, 'SIGUSR2');
    shell.write('from elsewhere\r');
    await shell.until(/^> a draft\n {2}from elsewhere$/m, true);
    await shell.until(/said meanwhile/, true);
    expect(shell.state).toEqual({ alternate: true, paste: true, cursor: true, focus: true, title: '#lobby - synod' });
    const [file = '', ...modes] = seen();
    expect(modes).toEqual(['600', '700']);
    expect(existsSync(path.dirname(file))).toBe(false);
    expect(shell.text).not.toContain('(said)');
    shell.write('\r');
    await shell.until(/elsewhere \(said\)/, true);
  });

  test('a resize meanwhile is drawn afterwards, and not over the editor', async () => {
    const [shell, pid] = await editing();
    shell.resize(40, 12);
    process.kill(pid, 'SIGUSR2');
    shell.write('x');
    await shell.until(/^x$/m, false);
    expect(shell.text).toMatch(/^editing$/m);
    shell.write('\r');
    await shell.until(/^> a draft\n {2}x$/m, true);
    expect(shell.text.split('\n')[9]).toMatch(/^ alice \| #lobby/);
  });

  test('what is too long for a message stays in its file', async () => {
    const folder = mkdtempSync(path.join(path.dirname(editor), 'tmp-'));
    const [shell] = await started('', { TMPDIR: folder, EDITOR: `sh -c 'yes | head -c 70000 > "$0"'` });
    shell.write('a draft\u0018\u0005');
    await shell.until(/what is longer is in[\s\S]*as it was[\s\S]*^> a draft$/m, true);
    const [draft = ''] = readdirSync(folder);
    expect(readFileSync(path.join(folder, draft, 'message.txt'))).toHaveLength(70_000);
  });

  test('Ctrl-C is meant for the editor', async () => {
    const [shell] = await editing();
    shell.write('\u0003');
    await shell.until(/ended with SIGINT[\s\S]*^> a draft$/m, true);
  });

  test('Ctrl-Z stops both, fg brings the editor back', async () => {
    const [shell] = await editing();
    shell.write('\u001a');
    await shell.until(/Stopped[\s\S]*end42\s+prompt\$$/m, false);
    shell.write('fg\r');
    await shell.until(/prompt\$ fg\n.*window-program/, false);
    shell.write('after it\r');
    await shell.until(/^> a draft\n {2}after it$/m, true);
  });

  test.each([
    ['false', /false: ended with status 1;/],
    ['/no/such/editor', /editor: ended with status\D*127;/],
    ['', /there is no editor: set \$VISUAL or/],
  ])('%j fails, and the draft stays', async (command, expected) => {
    const [shell] = await started('', { VISUAL: command });
    shell.write('a draft\u0018\u0005');
    await shell.until(expected, true);
    await shell.until(/^> a draft$/m, true);
  });

  test('a signal ends the editor and the window', async () => {
    const [shell, pid] = await editing();
    process.kill(pid, 'SIGTERM');
    expect(await restored(shell)).toBe(143);
    expect(existsSync(path.dirname(seen()[0] ?? ''))).toBe(false);
  });
});

test('a long paste asks first, and sends nothing', async () => {
  const [shell] = await started();
  shell.write('\u001b[200~one\rtwo\rthree\rfour\rfive\rsix\r\u001b[201~');
  await shell.until(/^ 6 lines, 28 characters/m, true);
  shell.write('\r');
  await shell.until(/^> one\n {2}two\n {2}three\n {2}four\n {2}five\n {2}six$/m, true);
  expect(shell.text).not.toContain('(said)');
  shell.write('\r');
  await shell.until(/six \(said\)/, true);
});

test('a paste is one edit, shows its line breaks, and sends nothing', async () => {
  const [shell] = await started();
  expect(shell.state).toEqual({ alternate: true, paste: true, cursor: true, focus: true, title: '#lobby - synod' });
  shell.write('\u001b[200~one\rtwo\u001b[31m\nthree\u001b[201~');
  await shell.until(/^> one\n {2}two\n {2}three$/m, true);
  expect(shell.text).not.toContain('(said)');
  shell.write('\r');
  await shell.until(/three \(said\)/, true);
  expect(shell.text).toMatch(/alice: one .*\n.*│ {8}┊ two .*\n.*│ {8}┊ three/);
});

test('typed emoji arrive whole', async () => {
  const [shell] = await started();
  shell.write('👍🏽 漢字 é\u001b[D\u007f');
  await shell.until(/> 👍 漢字é/, true);
});

test('without Unicode, glyphs are ASCII', async () => {
  const [shell] = await started('', { LANG: 'C', LC_ALL: 'C' });
  shell.write('hello\r');
  await shell.until(/hello \(said\)/, true);
  expect(shell.text).toContain('|');
  expect(shell.text).not.toMatch(/[│✓…]/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
