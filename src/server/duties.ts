/**
 * What a server does by itself as time passes: tells the balancer that it lives, the log that its sessions live, its
 * clients whether the cluster can commit; and as the leader gives a new log its birth, and the chat its limits, and lets
 * the log's time pass.
 */
import { differing } from '../chat/limits';
import { sameRules } from '../chat/people';
import { randomInt } from '../lib/prng';
import type { Ballot } from '../paxos/ballot';
import type { ServerMessage } from '../wire/client';
import { encodeEntry } from '../wire/codec-batch';
import type { Attachment } from '../wire/frames';
import { PROTOCOL_VERSION } from '../wire/frames';
import { address } from './attached';
import type { ServerParts } from './parts';

/** Sessions in one Touch. */
const TOUCH_SESSIONS = 1000;

const NO_MAJORITY = 'too few servers; what you post waits';

export class Duties {
  private beatDueMs = Number.NEGATIVE_INFINITY;
  private wasServing = false;
  private touchDueMs: number;
  /** Since when there is this leader. */
  private leaderSinceMs = Number.NEGATIVE_INFINITY;
  private balancer = '';
  private told: 'majority' | 'no-majority' = 'majority';
  private lostMajorityAtMs: number | undefined;
  /** Sessions whose client vanished, and when they are said to be offline unless it comes back. */
  private readonly vanished = new Map<string, { readonly session: string; readonly dueMs: number }>();

  constructor(private readonly parts: ServerParts) {
    this.touchDueMs = this.nowMs() + parts.options.limits.server.touchMs;
  }

  tick(): void {
    const now = this.nowMs();
    this.watchMajority(now);
    // The balancer learns at once when this server can serve, or cannot any more.
    if (now >= this.beatDueMs || this.serving() !== this.wasServing) this.beat(now);
    if (now >= this.touchDueMs) this.touch(now);
    this.detachVanished(now);
  }

  /** A new leader: the log of a new cluster begins with its birth. A second birth in it is ignored. */
  onLeader(ballot: Ballot): void {
    const { options, chat, propose } = this.parts;
    this.leaderSinceMs = this.nowMs();
    if (ballot.server !== options.id) return;
    if (chat.birth === '') {
      const digits = Array.from({ length: 16 }, () => randomInt(options.random, 0, 16).toString(16));
      propose([encodeEntry({ type: 'birth', id: digits.join('') })]);
    }
    this.proposeConfigured();
  }

  /** The leader has the log say what its configuration says: every server goes by the log. */
  private proposeConfigured(): void {
    this.proposeLimits();
    this.proposeAccess();
  }

  private proposeAccess(): void {
    const { options, chat, propose, send } = this.parts;
    if (sameRules(chat.people.rules, options.access)) return;
    send({ type: 'log', level: 'info', text: 'has the log set who may do what, as the configuration says' });
    propose([encodeEntry({ type: 'access', rules: options.access })]);
  }

  private proposeLimits(): void {
    const { options, chat, propose, send } = this.parts;
    const limits = options.limits.chat;
    const names = differing(chat.limits, limits);
    if (names.length === 0) return;
    const changes = names.map((name) => `${name} ${limits[name]}, not ${chat.limits[name]}`).join('; ');
    send({ type: 'log', level: 'info', text: `has the log set the limits of the chat: ${changes}` });
    propose([encodeEntry({ type: 'limits', limits })]);
  }

  /** A balancer that restarted gives out new attachments: those of the earlier one are void. */
  onBalancerBeat(instance: string): void {
    if (instance === this.balancer) return;
    const restarted = this.balancer !== '';
    this.balancer = instance;
    if (restarted) for (const attachment of this.parts.clients.attachments()) this.onGone(attachment);
  }

  /** Frames may have been lost with the old connection: each client sees by the next one's number. */
  onBalancerBack(): void {
    this.beat(this.nowMs());
    this.tellAll({ type: 'alive' });
  }

  /** Who comes while nothing can be agreed on waits for a session: they are told why. */
  onAttached(attachment: Attachment): void {
    const client = this.parts.clients.get(attachment);
    if (!client || this.told === 'majority') return;
    const message: ServerMessage = { type: 'state', majority: false, reason: NO_MAJORITY };
    this.parts.send({ type: 'toClients', to: [address(client)], message });
  }

  onGone(attachment: Attachment): void {
    const client = this.parts.clients.detach(attachment);
    if (!client || client.session === '') return;
    const dueMs = this.nowMs() + this.parts.options.limits.server.detachGraceMs;
    this.vanished.set(client.openId, { session: client.session, dueMs });
  }

  private beat(now: number): void {
    const { options, clients, send } = this.parts;
    const view = this.parts.view();
    this.beatDueMs = now + options.limits.server.beatMs;
    this.wasServing = this.serving();
    send({
      type: 'toBalancer',
      frame: {
        type: 'beat',
        version: PROTOCOL_VERSION,
        cluster: options.cluster,
        server: options.id,
        instance: options.instance,
        serving: this.wasServing,
        majority: view.majority,
        established: this.parts.chat.birth !== '',
        clients: clients.size,
      },
    });
  }

  /** Whether it can serve clients: there is a leader, it has caught up, and the log has its birth. */
  serving(): boolean {
    const { majority, behind } = this.parts.view();
    const { servingLagRounds } = this.parts.options.limits.server;
    return majority && behind <= servingLagRounds && this.parts.chat.birth !== '';
  }

  private touch(now: number): void {
    const { options, clients, chat, propose } = this.parts;
    this.touchDueMs = now + options.limits.server.touchMs;
    const sessions = clients.openSessions();
    for (let from = 0; from < sessions.length; from += TOUCH_SESSIONS) {
      const some = sessions.slice(from, from + TOUCH_SESSIONS);
      propose([encodeEntry({ type: 'touch', server: options.id, sessions: some })]);
    }
    // All servers vouch for their sessions first: without a leader nobody could.
    const leads = this.parts.view().role === 'leader' && now - this.leaderSinceMs >= 2 * options.limits.server.touchMs;
    if (leads) this.proposeConfigured();
    if (leads && chat.sweepDue(options.clock.wallMs())) propose([encodeEntry({ type: 'sweep' })]);
  }

  private detachVanished(now: number): void {
    for (const [attachment, { session, dueMs }] of this.vanished) {
      if (now < dueMs) break;
      this.vanished.delete(attachment);
      if (this.parts.chat.session(session)?.attachment !== attachment) continue;
      this.parts.propose([encodeEntry({ type: 'detach', session, attachment })]);
    }
  }

  private watchMajority(now: number): void {
    if (this.parts.view().majority) {
      this.lostMajorityAtMs = undefined;
      this.tell('majority', 'a majority of the servers is connected again');
      return;
    }
    this.lostMajorityAtMs ??= now;
    if (now - this.lostMajorityAtMs < this.parts.options.limits.server.noMajorityAfterMs) return;
    this.tell('no-majority', NO_MAJORITY);
  }

  private tell(state: 'majority' | 'no-majority', reason: string): void {
    if (state === this.told) return;
    this.told = state;
    this.tellAll({ type: 'state', majority: state === 'majority', reason });
  }

  private tellAll(message: ServerMessage): void {
    const to = Array.from(this.parts.clients.all(), address);
    if (to.length > 0) this.parts.send({ type: 'toClients', to, message });
  }

  private nowMs(): number {
    return this.parts.options.clock.monotonicMs();
  }
}
