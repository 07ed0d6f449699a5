/** What the server's core wants done. `perform.ts` carries it out, in order. */
import type { DurableWrite, Effect, QuestionId } from '../paxos/effects';
import type { Answer, BroadcastMessage, Question } from '../paxos/messages';
import type { ServerMessage } from '../wire/client';
import type { Addressee, ServerFrame } from '../wire/frames';

export type ServerEffect =
  /** Write; once durable, hand `then` back to `ServerCore.onDurable`. */
  | { readonly type: 'persist'; readonly write: DurableWrite; readonly then: readonly Effect[] }
  | { readonly type: 'broadcast'; readonly message: BroadcastMessage }
  | { readonly type: 'ask'; readonly to: number; readonly message: Question }
  | { readonly type: 'reply'; readonly to: number; readonly question: QuestionId; readonly message: Answer }
  /** One message for each of these clients, through the balancer in one frame. */
  | { readonly type: 'toClients'; readonly to: readonly Addressee[]; readonly message: ServerMessage }
  | { readonly type: 'toBalancer'; readonly frame: ServerFrame }
  | { readonly type: 'log'; readonly level: 'info' | 'warn'; readonly text: string }
  /** Nothing that this server could do is right any more: end the process with this status. */
  | { readonly type: 'stop'; readonly status: number; readonly reason: string };
