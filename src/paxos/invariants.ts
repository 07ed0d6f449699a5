/**
 * What holds of every replica between two calls. Checked by tests and by the simulator after each step; the cheap part of
 * it is asserted in the code as well.
 */
import { invariant } from '../lib/assert';
import { compareBallots, sameBallot, showBallot } from './ballot';
import { ROUNDS_AHEAD } from './options';
import type { Replica } from './replica';

/** How far below the committed prefix's end is looked: what is further down was looked at when it was committed. */
const LOOK_BACK_ROUNDS = 64;

/** @throws InvariantError that says which invariant is broken, and where */
export function checkReplica(replica: Replica): void {
  checkLog(replica);
  checkRole(replica);
  checkStanding(replica);
  checkBounds(replica);
}

/** From where the log was cut the committed prefix has no hole, and nothing is held above the promise. */
function checkLog({ parts: { memory, me } }: Replica): void {
  const { log, promised } = memory;
  invariant(log.first <= log.committed, `server ${me}: cut below ${log.first}, only ${log.committed} are committed`);
  for (let round = Math.max(log.first, log.committed - LOOK_BACK_ROUNDS); round < log.end; round += 1) {
    const held = log.get(round);
    invariant(held || round >= log.committed, `server ${me}: round ${round} is committed and not held`);
    if (!held) continue;
    invariant(held.round === round, `server ${me}: round ${held.round} is held in the place of ${round}`);
    const within = compareBallots(held.ballot, promised) <= 0;
    invariant(within, `server ${me}: ${showBallot(held.ballot)} is held, only ${showBallot(promised)} is promised`);
  }
}

/** Role, ballot and followed leader tell the same story. */
function checkRole({ parts: { memory, me }, election }: Replica): void {
  const { role, ballot, leader, phaseOne } = election;
  const where = `server ${me}, ${role}`;
  if (role === 'follower') {
    invariant(ballot.server === 0 && leader.server !== me, `${where}: has a ballot of its own`);
    invariant(!phaseOne, `${where}: is in phase 1`);
    return;
  }
  invariant(ballot.server === me, `${where}: the ballot ${showBallot(ballot)} is not its own`);
  if (role === 'leader') invariant(sameBallot(leader, ballot) && !phaseOne, `${where}: follows ${showBallot(leader)}`);
  else invariant(leader.server === 0, `${where}: follows ${showBallot(leader)}`);
  if (role === 'leader' || phaseOne)
    invariant(sameBallot(memory.promised, ballot), `${where}: promised another ballot`);
}

/** Only a voter takes part; and a server knows best which incarnation it is. */
function checkStanding({ parts: { memory, me, membership }, election }: Replica): void {
  const { standing, incarnation, vector } = memory;
  if (standing !== 'voter') invariant(election.role === 'follower', `server ${me}: ${standing}, yet ${election.role}`);
  else invariant(incarnation > 0, `server ${me}: votes without an incarnation`);
  const known = vector[membership.position(me)] ?? 0;
  invariant(incarnation === 0 || known === incarnation, `server ${me}: is ${incarnation}, its vector says ${known}`);
}

/** Nothing grows without a bound. */
function checkBounds({ parts: { limits, me, membership }, proposer, learner, election }: Replica): void {
  invariant(proposer.inFlight <= limits.windowRounds, `server ${me}: ${proposer.inFlight} rounds are in flight`);
  invariant(election.role === 'leader' || proposer.inFlight === 0, `server ${me}: proposes, yet does not lead`);
  const waiting = membership.servers.map((id) => proposer.backlogBytes(id));
  invariant(Math.max(...waiting) <= limits.backlogBytes, `server ${me}: the backlog is over its bound`);
  invariant(learner.counting <= ROUNDS_AHEAD, `server ${me}: counts votes in ${learner.counting} rounds`);
}
