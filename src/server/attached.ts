/** The clients that the balancer has attached to this server, by attachment and by session. */
import type { SessionId } from '../chat/commands';
import type { Bucket } from '../lib/bucket';
import type { Addressee, Attachment } from '../wire/frames';

/** One attached client. */
export interface AttachedClient {
  readonly attachment: Attachment;
  /** What is to be signed to open a session on it; undefined until it was asked for. */
  nonce: Uint8Array | undefined;
  /** How often it may ask for a session. */
  opens: Bucket | undefined;
  /** '' until it opened a session. */
  session: SessionId;
  /** Names this attachment of the session in the log. */
  openId: string;
  /** The encoded Open that waits to be committed, and when it was last proposed. */
  opening: { readonly bytes: Uint8Array; proposedAtMs: number } | undefined;
  /** Committed events of its rooms are sent to it as they come. */
  live: boolean;
  /** The number of the last payload sent to it. */
  sent: number;
}

/** Counts one more payload for the client, and addresses it. */
export function address(client: AttachedClient): Addressee {
  client.sent = (client.sent + 1) >>> 0;
  return { attachment: client.attachment, number: client.sent };
}

export class AttachedClients {
  private readonly byAttachment = new Map<Attachment, AttachedClient>();
  private readonly bySession = new Map<SessionId, AttachedClient>();

  get size(): number {
    return this.byAttachment.size;
  }

  attach(attachment: Attachment): void {
    if (this.byAttachment.has(attachment)) return;
    this.byAttachment.set(attachment, {
      attachment,
      nonce: undefined,
      opens: undefined,
      session: '',
      openId: '',
      opening: undefined,
      live: false,
      sent: 0,
    });
  }

  get(attachment: Attachment): AttachedClient | undefined {
    return this.byAttachment.get(attachment);
  }

  ofSession(session: SessionId): AttachedClient | undefined {
    return this.bySession.get(session);
  }

  /**
   * The client asks for this session from here on.
   * @returns the client that had the session on this server until now, if it is another one
   */
  bind(client: AttachedClient, session: SessionId): AttachedClient | undefined {
    if (client.session !== '' && this.bySession.get(client.session) === client) this.bySession.delete(client.session);
    const previous = this.bySession.get(session);
    // Its open may come twice, or late: the client takes no notice of that, and waits for what happens.
    if (client.session !== session) client.live = false;
    client.session = session;
    this.bySession.set(session, client);
    if (!previous || previous === client) return undefined;
    previous.session = '';
    previous.live = false;
    previous.opening = undefined;
    return previous;
  }

  /** The session that the client asked for is not to be had: it has none, and may ask for another one. */
  release(client: AttachedClient): void {
    this.bySession.delete(client.session);
    client.session = '';
    client.live = false;
  }

  /** The attachment is over. */
  detach(attachment: Attachment): AttachedClient | undefined {
    const client = this.byAttachment.get(attachment);
    if (!client) return undefined;
    this.byAttachment.delete(attachment);
    if (this.bySession.get(client.session) === client) this.bySession.delete(client.session);
    return client;
  }

  all(): IterableIterator<AttachedClient> {
    return this.byAttachment.values();
  }

  attachments(): readonly Attachment[] {
    return [...this.byAttachment.keys()];
  }

  /** The sessions that are open here: those whose Open is committed. */
  openSessions(): readonly SessionId[] {
    const open: SessionId[] = [];
    for (const [session, client] of this.bySession) if (!client.opening) open.push(session);
    return open;
  }
}
