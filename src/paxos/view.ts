/** A replica as its server and its operator see it. */
import type { Ballot, Round, ServerId } from './ballot';
import type { Election, Role } from './election';
import type { Standing } from './messages';
import type { Parts } from './parts';

/** What a peer is known to be at. */
export interface PeerView {
  readonly id: ServerId;
  readonly committed: Round;
  readonly clients: number;
  /** False: it said last that it does not vote. */
  readonly voting: boolean;
  /** Its connection is there, as far as is known. */
  readonly linked: boolean;
  /** On the clock of `tick`; minus infinity: never. */
  readonly lastHeardMs: number;
}

/** The replica at a glance. */
export interface ReplicaView {
  readonly role: Role;
  readonly standing: Standing;
  /** The ballot that it stands for, leads in, or follows; NO_BALLOT: none. */
  readonly ballot: Ballot;
  /** 0: none known. */
  readonly leader: ServerId;
  readonly committed: Round;
  /** The lowest round of the log: below, a snapshot stands for it. */
  readonly first: Round;
  /** Leading: a quorum answered within an election timeout. Else: a leader was heard within one. */
  readonly majority: boolean;
  /** How many rounds are known to be chosen and not committed here. */
  readonly behind: number;
  readonly peers: readonly PeerView[];
}

export function viewOf(parts: Parts, election: Election, behind: number): ReplicaView {
  const { memory, peers } = parts;
  const { role, leader } = election;
  return {
    role,
    standing: memory.standing,
    ballot: role === 'candidate' ? election.ballot : leader,
    leader: leader.server,
    committed: memory.committed,
    first: memory.log.first,
    majority: election.majority,
    behind,
    peers: [...peers.all()].map(({ id, committed: theirs, clients, voting, linked, lastHeardMs }) => {
      return { id, committed: theirs, clients, voting, linked, lastHeardMs };
    }),
  };
}
