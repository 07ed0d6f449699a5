/** Bugs to be planted in the real code: each a classic that a simulator of Paxos, or of a chat on top of it, has to find. */

import type { PlanOptions } from './plan';

/** In that file of the project this text, which is there once, is another one. */
export interface Change {
  readonly path: string;
  readonly from: string;
  readonly to: string;
}

export interface Mutant {
  readonly name: string;
  readonly changes: readonly Change[];
  /** Where it is looked for, when it takes something rare. */
  readonly plan?: PlanOptions;
  /** The first seed that is tried, when few show it. */
  readonly start?: number;
}

export const mutants: readonly Mutant[] = [
  mutant('promise-not-durable', {
    path: 'src/paxos/acceptor.ts',
    from: "outbox.afterDurable({ type: 'reply', to: from, question, message });",
    to: "outbox.emit({ type: 'reply', to: from, question, message });",
  }),
  mutant('accepted-not-durable', {
    path: 'src/paxos/acceptor.ts',
    from: "this.parts.outbox.afterDurable({ type: 'broadcast', message });",
    to: 'this.parts.outbox.broadcast(message);',
  }),
  mutant(
    'accepts-below-its-promise',
    {
      path: 'src/paxos/acceptor.ts',
      from: "if (compareBallots(entry.ballot, memory.promised) < 0) return this.parts.ignore('stale ballot');",
      to: '',
    },
    {
      path: 'src/paxos/election.ts',
      from: 'const stale = compareBallots(ballot, memory.promised) < 0 || compareBallots(ballot, this.leader) < 0;',
      to: 'const stale = false;',
    },
  ),
  mutant('promise-forgotten-by-a-restart', {
    path: 'src/paxos/memory.ts',
    from: '    this.highestPromise = state.promised;\n',
    to: '',
  }),
  looksFrom(
    80,
    mutant('commits-by-index-whatever-the-ballot', {
      path: 'src/paxos/learner.ts',
      from: 'if (!held || !sameBallot(held.ballot, ballot)) break;',
      to: 'if (!held) break;',
    }),
  ),
  looksFrom(
    255,
    mutant(
      'counts-votes-of-several-ballots-together',
      {
        path: 'src/paxos/learner.ts',
        from: 'if (order > 0) return undefined;\n    if (tally && order === 0) return tally;',
        to: 'if (tally) return tally;',
      },
      {
        path: 'src/paxos/learner.ts',
        from: 'if (!held || !sameBallot(held.ballot, tally.ballot)) return;',
        to: 'if (!held) return;',
      },
    ),
  ),
  mutant('half-is-a-majority', {
    path: 'src/paxos/quorum.ts',
    from: 'return Math.floor(servers / 2) + 1;',
    to: 'return Math.max(1, Math.floor(servers / 2));',
  }),
  mutant('nop-over-a-chosen-value', {
    path: 'src/paxos/proposer.ts',
    from: 'this.adopted.get(this.next)?.value ?? NOP',
    to: 'NOP',
  }),
  looksFrom(
    400,
    mutant('adopts-the-value-of-the-lowest-ballot', {
      path: 'src/paxos/phase-one.ts',
      from: 'compareBallots(value.ballot, sofar.ballot) > 0',
      to: 'compareBallots(value.ballot, sofar.ballot) < 0',
    }),
  ),
  looksFrom(
    40,
    looksAt(
      { servers: 3, kinds: ['delay', 'crash', 'pause', 'stale-answers'] },
      mutant(
        'late-promises-count',
        {
          path: 'src/paxos/election.ts',
          from: 'if (!this.phaseOne || !sameBallot(promise.ballot, this.ballot))',
          to: 'if (!this.phaseOne)',
        },
        { path: 'src/server/process.ts', from: 'if (envelope.question !== question)', to: 'if (question < 0)' },
      ),
    ),
  ),
  looksAt(
    { servers: 3, kinds: ['loss', 'crash'] },
    mutant('holes-not-filled', {
      path: 'src/paxos/proposer.ts',
      from: 'if (this.next < this.adoptedEnd) this.proposeNext(',
      to: 'if (this.next < this.adoptedEnd && !this.adopted.has(this.next)) this.next += 1;\n      else if (this.next < this.adoptedEnd) this.proposeNext(',
    }),
  ),
  mutant('proposes-beyond-phase-1', {
    path: 'src/paxos/proposer.ts',
    from: 'this.adoptedEnd = Math.max(this.adoptedEnd, round + 1);',
    to: 'this.adoptedEnd = Math.min(round + 1, this.next + 1);',
  }),
  mutant('lost-accepts-not-repeated', {
    path: 'src/paxos/proposer.ts',
    from: 'for (let round = memory.committed; round < this.next; round += 1) {\n      const flight',
    to: 'for (let round = this.next; round < this.next; round += 1) {\n      const flight',
  }),
  looksFrom(
    170,
    mutant('amnesiac-votes-at-once', {
      path: 'src/paxos/recovery.ts',
      from: "this.startAs('recovering', known + 1);",
      to: "{ this.startAs('recovering', known + 1); this.becomeVoter(); }",
    }),
  ),
  mutant('check-quorum-off', {
    path: 'src/paxos/heartbeats.ts',
    from: 'return peers.answeredSince(nowMs - limits.electionTimeoutMs) + 1 >= membership.majority;',
    to: 'return peers.answeredSince(nowMs - limits.electionTimeoutMs) + 1 >= 0 * membership.majority;',
  }),
  looksAt(
    { servers: 5, kinds: ['ghost'] },
    mutant(
      'crash-vector-ignored',
      {
        path: 'src/paxos/learner.ts',
        from: 'if (incarnation === 0 || incarnation < this.parts.incarnationOf(from))',
        to: 'if (incarnation === 0)',
      },
      {
        path: 'src/paxos/quorum.ts',
        from: 'if (incarnation === 0 || incarnation >= (vector[position] ?? 0)) continue;',
        to: 'if (incarnation >= 0 * (vector[position] ?? 0)) continue;',
      },
    ),
  ),
  mutant('dedupe-not-in-the-snapshot', {
    path: 'src/chat/restore.ts',
    from: '  checkOutcomes(session);\n',
    to: '  checkOutcomes(session);\n  session.outcomes = new OutcomeList([], session.lastSeq);\n',
  }),
  mutant('tells-another-round-for-a-repeat', {
    path: 'src/chat/apply.ts',
    from: 'outcomes.push(...session.outcomes.of(firstSeq, repeated))',
    to: 'outcomes.push(...session.outcomes.of(firstSeq, repeated).map((one) => ({ ...one, round })))',
  }),
  mutant('evicts-by-its-own-clock', {
    path: 'src/server/applier.ts',
    from: 'const result = this.parts.chat.apply(round, batch);',
    to: 'const result = this.parts.chat.apply(round, { ...batch, time: this.parts.options.clock.wallMs() });',
  }),
  mutant('applies-with-a-hole', {
    path: 'src/server/core.ts',
    from: 'this.restoring.start(effect.peer);',
    to: 'this.applier.applied = effect.first; this.carry(this.replica.install(effect.first, this.nowMs()));',
  }),
  mutant('acknowledges-before-the-commit', {
    path: 'src/server/desk.ts',
    from: 'pending.add(client.session, logged, firstSeq, count, request.group, this.nowMs());',
    to: 'pending.add(client.session, logged, firstSeq, count, request.group, this.nowMs());\n    const firstPosition = chat.position + 1;\n    this.tell(client, { type: "acks", runs: [{ firstSeq, count, firstPosition, round: 0 }] });',
  }),
  mutant('resumes-from-the-position-of-the-server', {
    path: 'src/client/session.ts',
    from: 'if (!this.identity.isWelcome) this.reader.restart(position);',
    to: 'this.reader.restart(position);',
  }),
  mutant('takes-the-lines-of-others-for-its-own', {
    path: 'src/client/acknowledged.ts',
    from: 'run.session === session && isSaid(run)',
    to: 'isSaid(run) && session.length > 0',
  }),
  mutant('torn-writes-not-noticed', {
    path: 'src/storage/disk-storage.ts',
    from: 'if (lost > 0) throw',
    to: 'if (lost > 1e9) throw',
  }),
  mutant('flipped-bits-not-noticed', {
    path: 'src/storage/records.ts',
    from: 'if (end < 0 || bytes.readUInt32BE(end) !== crc32(bytes.subarray(0, end), crc32(key))) return undefined;',
    to: 'if (end < 0 || crc32(key) < 0) return undefined;',
  }),
  // These were real, until the simulator found them.
  mutant('welcomes-with-the-end-of-the-round', {
    path: 'src/server/applier.ts',
    from: 'position: opened.position,',
    to: 'position: this.parts.chat.position,',
  }),
  looksFrom(
    798,
    mutant('an-old-page-ends-the-deliveries', {
      path: 'src/server/desk.ts',
      from: 'client.live ||= live;',
      to: 'client.live = live;',
    }),
  ),
  looksFrom(
    2940,
    mutant('an-old-open-ends-the-deliveries', {
      path: 'src/server/attached.ts',
      from: 'if (client.session !== session) client.live = false;',
      to: 'client.live = false;',
    }),
  ),
  mutant('welcomes-again-with-the-present', {
    path: 'src/chat/apply.ts',
    from: 'open.resume ? before : session.since',
    to: 'before',
  }),
  mutant('takes-an-overtaken-page-for-the-present', {
    path: 'src/client/reader.ts',
    from: 'if (!live || isLate)',
    to: 'if (!live)',
  }),
  mutant(
    'a-nick-is-whoevers-wants-it',
    {
      path: 'src/chat/claims.ts',
      from: 'if (claim.key !== key && claim.offered !== key) return claim;',
      to: '',
    },
    {
      path: 'src/chat/nicks.ts',
      from: 'if (holder?.online && holder.id',
      to: 'if (holder?.online && holder.key === key && holder.id',
    },
  ),
  mutant('anybody-rules', {
    path: 'src/chat/moderation.ts',
    from: '!application.state.people.isOperator(session.key)',
    to: 'session.key.length === 0',
  }),
  mutant('rulings-without-a-record', {
    path: 'src/chat/moderation.ts',
    from: "application.happen(auditRoom(application.state), { kind: 'audit', session, seq, text });",
    to: '',
  }),
];

function mutant(name: string, ...changes: readonly Change[]): Mutant {
  return { name, changes };
}

/** Of these faults more come in a run when no others do. */
function looksAt(plan: PlanOptions, { name, changes }: Mutant): Mutant {
  return { name, changes, plan };
}

/** So that the tests need not run hundreds of seeds each time: one that shows it comes soon after this one. */
function looksFrom(start: number, planted: Mutant): Mutant {
  return { ...planted, start };
}
