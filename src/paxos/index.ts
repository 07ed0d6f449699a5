/**
 * Multi-Paxos as one pure object, `Replica`: messages, proposals and ticks in, effects out. No socket, file, clock or
 * random source of its own, so a run is its seed. (Lamport, The Part-Time Parliament, 1998; Paxos Made Simple, 2001.)
 *
 * Two invariants say it all:
 *   1. of the logs that any two servers have committed, one is a prefix of the other;
 *   2. a committed log only grows.
 *
 * ## Words
 *
 *   round      one slot of the log: 0, 1, 2, …
 *   value      the bytes agreed on in a round, a batch of commands; the empty value is the Nop
 *   ballot     (counter, server): what orders proposers
 *   promise    an acceptor's word to take no lower ballot any more
 *   accepted   what an acceptor voted for in a round, and in which ballot
 *   chosen     accepted in one ballot by a quorum: nothing else can ever be
 *   committed  known to be chosen, with all rounds below it; as a number: every round below it is
 *   quorum     f+1 of 2f+1 servers
 *   incarnation, crash vector   which of its lives, between losses of memory, a server is in; the highest known of each
 *   cut, first a snapshot stands for the rounds below `first`, the log starts there; to install one is to start it higher
 *   standing   whether a server may vote: new, recovering, voter
 *
 * ## Who sends what
 *
 *   normal case                          leader                      every acceptor            every learner
 *     a proposal becomes a round           ── Accept ───────────────▶  ── Accepted ──────────▶   commit
 *     a follower's clients                 ◀─ Forward ── Taken ──▶
 *     nobody says anything                 ── Heartbeat ────────────▶  ── Alive ─▶ leader
 *
 *   election                             candidate                   every acceptor
 *     does anybody miss a leader?          ── PreVote ──────────────▶  ── PreVoteReply ─▶
 *     phase 1, over all open rounds        ── Prepare, by pages ────▶  ── Promise ──────▶  then Accepts, holes as Nops
 *
 *   a gap                                who is behind               a peer
 *     committed there, not here            ── RequestValue, by pages ▶ ── Values ───────▶  commit
 *     cut off there                        ── RequestValue ─────────▶  ── Values(first) ▶  behind; a snapshot; install
 *
 *   no memory                            who forgot, or is new       every peer
 *     was I here before?                   ── Recover(0) ───────────▶  ── RecoverReply ─▶
 *     note me; what have you accepted?     ── Recover(i), by pages ─▶  ── RecoverReply ─▶  votes again
 *
 * ## Files
 *
 *   replica    hands everything that comes in to the roles, in order, and their effects out
 *   acceptor   promises and votes                    proposer    rounds for commands: phase 2, the leader's window
 *   learner    counts votes, commits in order        phase-one   a candidate's collection of promises
 *   election   who leads: timers, check-quorum       pre-vote    whether anybody else misses a leader
 *   recovery   coming back without a memory          catch-up    what was committed elsewhere
 *   forwarder  commands of a follower's clients      backlog     commands that wait
 *   memory     what must not be forgotten            log         rounds held, committed prefix
 *   quorum     the servers, enough of them           peers       what is known of each by hearing from it
 *   heartbeats who answers a leader: check-quorum      parts       what the roles share
 *   outbox     one step's effects, and what waits    invariants  what holds between any two calls
 *   ballot, messages, effects, options: the words between the parts
 */
export {
  type Ballot,
  compareBallots,
  NO_BALLOT,
  type Round,
  type ServerId,
  sameBallot,
  showBallot,
} from './ballot';
export type { DurableWrite, Effect, HardState, QuestionId, StoredState } from './effects';
export type { Role } from './election';
export { checkReplica } from './invariants';
export type * from './messages';
export type { PaxosLimits, ReplicaOptions } from './options';
export { Replica } from './replica';
export type { PeerView, ReplicaView } from './view';
