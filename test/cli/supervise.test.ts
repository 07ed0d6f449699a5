import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { RestartPause } from '../../src/cli/restart-pause';

const SUPERVISOR = path.join(__dirname, 'supervisor.js');
const CHILD = path.join(__dirname, 'supervised.js');
const SUPERVISE = [process.execPath, SUPERVISOR, process.execPath, CHILD];
const PATIENCE_MS = 30_000;

interface Event {
  readonly event: string;
  readonly pid: number;
}

/** A process, what it and its children say, and what it logs. */
class Running {
  readonly events: Event[] = [];
  readonly log: string[] = [];
  readonly process: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(program: string, args: readonly string[], env: Record<string, string> = {}) {
    this.process = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      // A process group of its own, as a terminal gives it.
      detached: true,
    });
    this.ended = once(this.process, 'close').then(([status]) => status);
    const { stdout, stderr } = this.process;
    if (stdout) createInterface(stdout).on('line', (line) => this.events.push(JSON.parse(line)));
    if (stderr) createInterface(stderr).on('line', (line) => this.log.push(line));
  }

  named(event: string): readonly Event[] {
    return this.events.filter((each) => each.event === event);
  }

  /** Resolves with the pid of the child that said it, the given time. */
  async saying(event: string, time = 1): Promise<number> {
    await until(`${event} for the ${time}. time`, () => this.named(event).length >= time);
    return this.named(event)[time - 1]?.pid as number;
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe('supervise', () => {
  const all: Running[] = [];
  const supervised = (args: readonly string[]) => {
    const one = new Running(process.execPath, [...SUPERVISE.slice(1), ...args]);
    all.push(one);
    return one;
  };

  afterEach(async () => {
    for (const one of all.splice(0)) {
      one.process.kill('SIGKILL');
      await one.ended;
      for (const { pid } of one.events) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    }
  });

  it('starts a killed child again, and goes on until it is told to stop', async () => {
    const one = supervised(['serve']);
    const first = await one.saying('ready');
    process.kill(first, 'SIGKILL');
    const second = await one.saying('ready', 2);
    expect(second).not.toBe(first);
    expect(one.log).toEqual(['synod supervise: the child: ended with SIGKILL; again in 250 ms']);
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(3);
    expect(one.named('SIGTERM').map(({ pid }) => pid)).toEqual([second]);
    expect(isAlive(second)).toBe(false);
  });

  it('waits longer after each crash that comes soon after the start', async () => {
    const one = supervised(['exit', '1']);
    await one.saying('started', 3);
    await until('the third is told', () => one.log.length >= 3);
    one.process.kill('SIGTERM');
    expect(await one.ended).toBe(128 + 15);
    expect(one.log).toEqual(
      [250, 500, 1000].map((ms) => `synod supervise: the child: ended with 1; again in ${ms} ms`),
    );
    expect(one.named('started')).toHaveLength(3);
  });

  it.each([0, 2, 78])('does not start again after status %d, and passes it on', async (status) => {
    const one = supervised(['exit', String(status)]);
    expect(await one.ended).toBe(status);
    expect(one.named('started')).toHaveLength(1);
    expect(one.log).toEqual([]);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'passes %s on once, however often it comes at once',
    async (signal) => {
      const one = supervised(['serve']);
      await one.saying('ready');
      // The terminal signals the whole process group, foreman its child again, and another signal may follow.
      process.kill(-(one.process.pid as number), signal);
      await one.saying(signal);
      one.process.kill(signal);
      one.process.kill('SIGTERM');
      expect(await one.ended).toBe(3);
      expect(one.events.filter(({ event }) => event.startsWith('SIG')).map(({ event }) => event)).toEqual([signal]);
    },
  );

  it('leaves no orphan when it is killed itself', async () => {
    const one = supervised(['serve']);
    const child = await one.saying('ready');
    one.process.kill('SIGKILL');
    await until('the child has ended', () => !isAlive(child));
    await one.ended;
    expect(one.named('SIGTERM')).toHaveLength(1);
  });

  it('leaves no orphan when it is killed while the child starts', async () => {
    const one = supervised(['dawdle']);
    const child = await one.saying('started');
    one.process.kill('SIGKILL');
    await until('the child has ended', () => !isAlive(child));
  });

  it('ends when a process that is bound to it the same way is killed', async () => {
    const outer = new Running(process.execPath, [...SUPERVISE.slice(1, 2), ...SUPERVISE, 'serve']);
    all.push(outer);
    const child = await outer.saying('ready');
    const inner = await outer.saying('supervising', 2);
    outer.process.kill('SIGKILL');
    await until('all have ended', () => !isAlive(inner) && !isAlive(child));
    expect(outer.named('SIGTERM')).toHaveLength(1);
  });

  it('ends when node-foreman is gone, however that ended', async () => {
    // The shell stands for foreman; `wait` keeps it from becoming the supervisor.
    const foreman = new Running('/bin/sh', ['-c', '"$@" & wait', 'sh', ...SUPERVISE, 'serve'], {
      FOREMAN_WORKER_NAME: 'server1.1',
    });
    all.push(foreman);
    const child = await foreman.saying('ready');
    const supervisor = await foreman.saying('supervising');
    foreman.process.kill('SIGKILL');
    await until('all have ended', () => !isAlive(supervisor) && !isAlive(child));
    expect(foreman.named('SIGTERM')).toHaveLength(1);
  });

  it('says in a line when the program cannot be started', async () => {
    const one = new Running(process.execPath, [SUPERVISOR, '/nowhere/at/all']);
    all.push(one);
    expect(await one.ended).toBe(71);
    expect(one.log).toEqual(['synod supervise: cannot start /nowhere/at/all: spawn /nowhere/at/all ENOENT']);
  });
});

describe('the pause before a restart', () => {
  it('doubles up to its bound, and is short again after a child that was well', () => {
    const pause = new RestartPause();
    expect([0, 0, 0, 9999, 0, 0, 0].map((ranMs) => pause.after(ranMs))).toEqual([
      250, 500, 1000, 2000, 4000, 5000, 5000,
    ]);
    expect([10_000, 0, 0].map((ranMs) => pause.after(ranMs))).toEqual([250, 500, 1000]);
  });
});
