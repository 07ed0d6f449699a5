/** Keeps the layout of docs/ARCHITECTURE.md true: who may import whom, and where time, chance and node may come in. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { packagesBehind, type SourceFile, violationsOf } from './architecture';

const SRC = path.join(__dirname, '..', 'src');

function sources(): readonly SourceFile[] {
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).map((name) => name.split(path.sep).join('/'));
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => ({ path: name, text: readFileSync(path.join(SRC, name), 'utf8') }));
}

test('the source keeps the rules', () => {
  const files = sources();
  expect(files.length).toBeGreaterThan(50);
  expect(files.flatMap(violationsOf)).toEqual([]);
});

test('the balancer never loads what unpacks payloads', () => {
  const files = sources();
  expect(packagesBehind('balancer/core.ts', files)).not.toContain('msgpackr');
  expect(packagesBehind('balancer/process.ts', files)).not.toContain('msgpackr');
  expect(packagesBehind('wire/codec-peer.ts', files)).toContain('msgpackr');
});

describe('a rule sees what breaks it', () => {
  test.each([
    ['paxos/replica.ts', `import { ChatState } from '../chat/state';`, 'paxos may not import chat'],
    ['chat/apply.ts', `import type { Ballot } from '../paxos/ballot';`, 'chat may not import paxos'],
    ['paxos/replica.ts', `import { scan } from '../wire/scan';`, 'paxos may not import wire'],
    ['lib/rate.ts', `import { runServer } from '../server/process';`, 'lib may not import server'],
    ['wire/codec-peer.ts', `import { compareBallots } from '../paxos/ballot';`, 'wire may import only types of paxos'],
    ['wire/codec-peer.ts', `export * from '../paxos/ballot';`, 'wire may import only types of paxos'],
    ['wire/codec-peer.ts', `import { type Ballot, NO_BALLOT } from '../paxos/ballot';`, 'only types of paxos'],
    ['wire/codec-peer.ts', `import '../paxos/ballot';`, 'wire may import only types of paxos'],
    ['wire/frames.ts', `import type { Router } from '../transport/transport';`, 'wire may not import transport'],
    ['storage/disk.ts', `import { Replica } from '../paxos/replica';`, 'storage may import only ballot of paxos'],
    ['balancer/core.ts', `import { createPeerCodec } from '../wire/codec-peer';`, 'only frames of wire'],
    [
      'balancer/core.ts',
      `import type { PeerEnvelope } from '../wire/peer';`,
      'balancer may import only frames of wire',
    ],
    [
      'client/session.ts',
      `import { apply } from '../chat/apply';`,
      'client may import only names, text, commands, texts, events, event-runs, room-digest of chat',
    ],
    ['client/session.ts', `import type { ServerCore } from '../server/core';`, 'client may not import server'],
    ['server/core.ts', `import { Session } from '../client/session';`, 'server may not import client'],
    ['server/core.ts', `import { DiskStorage } from '../storage/disk';`, 'server may import only storage of storage'],
    ['server/core.ts', `const late = import('../cli/server');`, 'server may not import cli'],
    ['server/core.ts', `type Late = import('../cli/server').Server;`, 'server may not import cli'],
    ['client/session.ts', `import run = require('../server/process');`, 'client may not import server'],
    ['nowhere/file.ts', `import { invariant } from '../lib/assert';`, 'nowhere may not import lib'],
    ['server/process.ts', `import { Dealer } from 'zeromq';`, 'zeromq lives in transport/'],
    ['server/process.ts', `const zmq = require('zeromq');`, 'zeromq lives in transport/'],
    ['storage/records.ts', `import { Packr } from 'msgpackr';`, 'msgpackr lives in wire/'],
    ['client/window/view.ts', `import blessed from 'neo-blessed';`, 'neo-blessed lives in client/ui/'],
    ['wire/shape.ts', `import { z } from 'zod';`, 'zod lives in config/'],
    ['lib/log.ts', `import _ from 'lodash';`, 'lodash is no package'],
    ['paxos/replica.ts', `import { randomBytes } from 'node:crypto';`, 'node:crypto in a pure place'],
    ['server/core.ts', `import type { Socket } from 'node:net';`, 'node:net in a pure place'],
    ['client/session.ts', `import { createHash } from 'node:crypto';`, 'node:crypto in a pure place'],
    ['chat/apply.ts', `const time = new Date().getTime();`, 'Date in a pure place'],
    ['chat/apply.ts', `const hours = new Date(time).getHours();`, 'Date in a pure place'],
    ['client/window/view.ts', `const today = new Date();`, 'Date in a pure place'],
    ['paxos/replica.ts', `const time = Date.now();`, 'Date in a pure place'],
    ['paxos/election.ts', `const wait = 10 * Math.random();`, 'Math.random in a pure place'],
    ['balancer/core.ts', `setTimeout(() => this.tick(), 10);`, 'setTimeout in a pure place'],
    ['balancer/core.ts', `const late = setInterval;`, 'setInterval in a pure place'],
    ['server/core.ts', `const id = process.pid;`, 'process in a pure place'],
    ['server/core.ts', `const { pid } = process;`, 'process in a pure place'],
    ['client/window/update.ts', `const t = performance.now();`, 'performance in a pure place'],
    ['lib/rate.ts', `const t = globalThis.performance.now();`, 'globalThis in a pure place'],
    ['lib/prng.ts', `const seed = crypto.getRandomValues(bytes);`, 'crypto in a pure place'],
    ['chat/digest.ts', `const bytes = Buffer.from(text);`, 'Buffer where node is not known'],
    ['server/process.ts', `if (bad) process.exit(1);`, 'process.exit belongs in main.ts'],
    ['transport/outbox.ts', `const now = Date.now();`, 'Date.now belongs in lib/clock.ts'],
  ])('%s: %s', (name, text, expected) => {
    expect(violationsOf({ path: name, text }).join('\n')).toContain(expected);
  });
});

describe('a rule lets pass what keeps it', () => {
  test.each([
    ['wire/codec-peer.ts', `import type { Ballot } from '../paxos/ballot'; import { scan } from './scan';`],
    ['wire/codec-peer.ts', `import { type Ballot, type Round } from '../paxos/ballot';`],
    ['client/session.ts', `import type { EventKind } from '../chat/events'; import { fold } from '../chat/names';`],
    ['client/ui/screen.ts', `import blessed from 'neo-blessed'; const now = performance.now();`],
    ['client/window/view.ts', `const hours = new Date(time).getHours();`],
    ['balancer/core.ts', `import { PROTOCOL_VERSION } from '../wire/frames';`],
    ['balancer/process.ts', `import { randomBytes } from 'node:crypto'; setInterval(tick, 10);`],
    ['config/limits.ts', `import type { ServerLimits } from '../server/limits';`],
    ['main.ts', `import { Command } from 'commander'; import { run } from './cli/server'; process.exit(0);`],
    ['lib/clock.ts', `export const now = () => Date.now();`],
    ['paxos/replica.ts', `/* Date, process.exit, Math.random() */ const text = 'setTimeout(Date.now())'; // Buffer`],
    ['paxos/replica.ts', `interface Message { readonly process: number; Date: string } const x = message.process;`],
  ])('%s: %s', (name, text) => {
    expect(violationsOf({ path: name, text })).toEqual([]);
  });
});

test('a file of more than 400 lines is seen', () => {
  const file = (lines: number) => ({ path: 'wire/long.ts', text: 'const x = 1;\n'.repeat(lines) });
  expect(violationsOf(file(400))).toEqual([]);
  expect(violationsOf(file(401))).toEqual(['wire/long.ts: 401 lines, more than 400: it is more than one thing']);
});
