/** What the server's core wants done. `perform.ts` carries it out, in order. */
import type { Round } from '../paxos/ballot';
import type { Effect, QuestionId } from '../paxos/effects';
import type { Answer, BroadcastMessage, Question } from '../paxos/messages';
import type { ScanRange, StorageWrite } from '../storage/storage';
import type { ServerMessage } from '../wire/client';
import type { Addressee, ServerFrame } from '../wire/frames';
import type { RestoreMessage } from '../wire/peer';
import type { Restored } from './restoring';

/** What follows from a write once it is durable. */
export type Consequence =
  | Effect
  /** The store has every event up to this position. */
  | { readonly type: 'stored'; readonly through: number }
  /** Some of the history that peers gave is there. */
  | { readonly type: 'given' }
  /** Two snapshots are there: the log is not needed below this round. */
  | { readonly type: 'cut'; readonly below: Round }
  /** A snapshot of a peer is there, and all of the history up to it: go on from it. */
  | { readonly type: 'restored'; readonly restored: Restored };

export type ServerEffect =
  /** Write; once durable, hand `then` back to `ServerCore.onDurable`. */
  | { readonly type: 'persist'; readonly write: StorageWrite; readonly then: readonly Consequence[] }
  /** Read records, and hand them to `ServerCore.onRecords`. */
  | { readonly type: 'read'; readonly id: number; readonly range: ScanRange }
  | { readonly type: 'broadcast'; readonly message: BroadcastMessage }
  | { readonly type: 'ask'; readonly to: number; readonly message: Question | RestoreMessage }
  | {
      readonly type: 'reply';
      readonly to: number;
      readonly question: QuestionId;
      readonly message: Answer | RestoreMessage;
    }
  /** One message for each of these clients, through the balancer in one frame. */
  | { readonly type: 'toClients'; readonly to: readonly Addressee[]; readonly message: ServerMessage }
  | { readonly type: 'toBalancer'; readonly frame: ServerFrame }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string }
  /** Nothing that this server could do is right any more: end the process with this status. */
  | { readonly type: 'stop'; readonly status: number; readonly reason: string };
