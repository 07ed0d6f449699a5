/**
 * Opening sessions: an attachment gets a nonce, who signs it may open a session, and every opening passes through the
 * log, so that all servers agree on which server has the session. To look at a signature takes a while; when many come
 * at once, because another server has died, they are looked at a few in each tick.
 */
import { refuseEntry } from '../chat/moderation';
import { Bucket } from '../lib/bucket';
import { keyText } from '../lib/signer';
import type { ClientRequest, ServerMessage } from '../wire/client';
import { encodeEntry } from '../wire/codec-batch';
import type { Attachment } from '../wire/frames';
import { isProof, NONCE_BYTES, sessionOf } from '../wire/proof';
import { type AttachedClient, address } from './attached';
import type { ServerParts } from './parts';

type OpenRequest = Extract<ClientRequest, { readonly type: 'open' }>;

/** As many are looked at at once as in this time in the long run: nobody else waits longer for it. */
const MOST_AT_ONCE_MS = 20;

/** What one attachment may ask for: a client that chose no nick tries several. */
const OPENS_PER_SECOND = 1;
const OPENS_AT_ONCE = 12;

export class Openings {
  private opens = 0;
  /** How many are looked at at once: more are added as time passes. */
  private left = 0;
  private refilledMs = Number.NEGATIVE_INFINITY;
  /** Those that are not looked at yet, the last one of each attachment. */
  private readonly waiting = new Map<Attachment, OpenRequest>();

  constructor(private readonly parts: ServerParts) {}

  onGreet(client: AttachedClient): void {
    const nonce = client.nonce ?? this.parts.options.randomBytes(NONCE_BYTES);
    client.nonce = nonce;
    this.tell(client, { type: 'challenge', nonce });
  }

  onOpen(client: AttachedClient, request: OpenRequest): void {
    const now = this.parts.options.clock.monotonicMs();
    client.opens ??= new Bucket(OPENS_PER_SECOND, OPENS_AT_ONCE, now);
    // Who asks too often asks again.
    if (!client.opens.take(1, now)) return;
    if (this.left >= 1) this.open(client, request);
    else this.waiting.set(client.attachment, request);
  }

  /** Whether this attachment asked for a session, and has no answer yet. */
  isOpening({ attachment, opening }: AttachedClient): boolean {
    return opening !== undefined || this.waiting.has(attachment);
  }

  tick(): void {
    const { options } = this.parts;
    const now = options.clock.monotonicMs();
    const perMs = options.limits.server.opensPerSecond / 1000;
    this.left = Math.min(this.left + (now - this.refilledMs) * perMs, MOST_AT_ONCE_MS * perMs);
    this.refilledMs = now;
    for (const [attachment, request] of this.waiting) {
      if (this.left < 1) break;
      this.waiting.delete(attachment);
      const client = this.parts.clients.get(attachment);
      if (client) this.open(client, request);
    }
  }

  /** Those that may have been lost with the last leader. */
  proposeAgain(): void {
    this.proposeOlderThan(0);
  }

  /** Those that were proposed longer than `retryMs` ago and are not in the log yet. */
  retry(): void {
    this.proposeOlderThan(this.parts.options.limits.server.retryMs);
  }

  private proposeOlderThan(ms: number): void {
    const now = this.parts.options.clock.monotonicMs();
    const again: Uint8Array[] = [];
    for (const { opening } of this.parts.clients.all()) {
      if (!opening || now - opening.proposedAtMs < ms) continue;
      opening.proposedAtMs = now;
      again.push(opening.bytes);
    }
    this.parts.propose(again);
  }

  private open(client: AttachedClient, request: OpenRequest): void {
    const { options, clients } = this.parts;
    const session = sessionOf(request.key, request.salt);
    const refusal = this.refuse(client, request, session);
    if (refusal) return this.tell(client, { type: 'refused', session, nick: request.nick, ...refusal });
    // It is answered first.
    if (client.opening) return;
    const previous = clients.bind(client, session);
    if (previous) {
      clients.detach(previous.attachment);
      this.parts.send({ type: 'toBalancer', frame: { type: 'detach', attachment: previous.attachment } });
    }
    this.opens += 1;
    client.openId = `${options.instance}-${this.opens}`;
    const { nick, reclaim, resume, position } = request;
    const bytes = encodeEntry({
      type: 'open',
      session,
      key: keyText(request.key),
      nick,
      reclaim,
      server: options.id,
      attachment: client.openId,
      resume,
      position,
    });
    client.opening = { bytes, proposedAtMs: options.clock.monotonicMs() };
    this.parts.propose([bytes]);
  }

  /** Why this session is not asked for in the log. */
  private refuse(
    { nonce }: AttachedClient,
    { key, signature, resume, birth }: OpenRequest,
    session: string,
  ): { readonly code: string; readonly message: string } | undefined {
    const { chat, options } = this.parts;
    this.left -= 1;
    const { cluster, balancerKey } = options;
    if (!nonce || !isProof(key, signature, { nonce, balancer: balancerKey(), cluster, session })) {
      return { code: 'bad-proof', message: 'the signature is not that of the key for this connection' };
    }
    // As the log would say, or will: nothing of it is written for those who are not let in.
    const refused = refuseEntry(chat, keyText(key));
    if (refused || !resume || birth === chat.birth) return refused;
    const message = `this cluster's log is not the one that you have seen (birth ${chat.birth}, not ${birth})`;
    return { code: 'other-birth', message };
  }

  private tell(client: AttachedClient, message: ServerMessage): void {
    this.parts.send({ type: 'toClients', to: [address(client)], message });
  }
}
