/** How the servers are, as this one knows by hearing from them: what a client sees of the cluster at a glance. */
import type { PeerView, ReplicaView } from '../paxos/view';
import type { GlanceState, ServerGlance } from '../wire/agreement';
import type { ServerStatus } from '../wire/peer';
import type { ServerParts } from './parts';

/** Without a leader servers say little: only after so many election timeouts one that is not heard is silent. */
const SILENT_TIMEOUTS = 3;
/** One whose connection closed is so at once: after as many heartbeats as may still be on their way. */
const CLOSED_HEARTBEATS = 2;

/** All servers by id. */
export function serversAtAGlance(parts: ServerParts): readonly ServerGlance[] {
  const { options, clients, startedAtMs } = parts;
  const view = parts.view();
  const nowMs = options.clock.monotonicMs();
  const most = Math.max(view.committed, ...view.peers.map(({ committed }) => committed));
  const own = {
    id: options.id,
    state: parts.state(),
    committed: view.committed,
    lag: most - view.committed,
    clients: clients.size,
    silentMs: 0,
  };
  const others = view.peers.map((peer) => {
    const silentMs = Math.round(nowMs - Math.max(peer.lastHeardMs, startedAtMs));
    const { id, committed } = peer;
    const state = stateOf(peer, silentMs, view, parts);
    // Those that it had are elsewhere.
    const served = state === 'silent' ? 0 : peer.clients;
    return { id, state, committed, lag: most - committed, clients: served, silentMs };
  });
  return [own, ...others].sort((one, other) => one.id - other.id);
}

function stateOf(peer: PeerView, silentMs: number, view: ReplicaView, { options }: ServerParts): GlanceState {
  const { paxos, server } = options.limits;
  const patienceMs = peer.linked ? SILENT_TIMEOUTS * paxos.electionTimeoutMs : CLOSED_HEARTBEATS * paxos.heartbeatMs;
  if (silentMs >= patienceMs) return 'silent';
  if (!peer.voting) return 'recovering';
  if (view.leader === peer.id) return 'leader';
  return peer.committed + server.servingLagRounds < view.committed ? 'catching-up' : 'follower';
}

/** The state of this server itself. @param permille of what it restores; undefined: it restores nothing */
export function ownState(view: ReplicaView, permille: number | undefined, serving: boolean): ServerStatus['state'] {
  if (permille !== undefined) return 'restoring';
  if (view.standing !== 'voter') return view.standing;
  return view.role === 'follower' && !serving ? 'catching-up' : view.role;
}
