/** The clients as the balancer sees them: which is attached to which server, and which waits for one. */
import type { PeerKey } from '../transport/transport';
import type { Attachment, AttachReason } from '../wire/frames';
import { FIRST_RETRY_MS } from './limits';
import type { Account } from './receipts';

export interface Client {
  readonly peer: PeerKey;
  readonly account: Account;
  /** 0: waits for a server. */
  attachment: Attachment;
  /** The id of its server; 0: none. */
  server: number;
  /** The server that it is to have again, if that serves; 0: any. */
  home: number;
  /** Why it gets its next attachment. */
  reason: AttachReason;
  /** How long its last server had not served any more when it was taken from it, milliseconds. */
  unservedMs: number;
  lastHeardMs: number;
  /** It does not read: nothing is sent to it until it is tried again. */
  stalled: boolean;
  /** How long it is left alone when it does not read (again), milliseconds. */
  pauseMs: number;
}

const MAX_ATTACHMENT = 0xffff_ffff;

export class Clients {
  private readonly byPeer = new Map<PeerKey, Client>();
  private readonly byAttachment = new Map<Attachment, Client>();
  private readonly byServer = new Map<number, Set<Client>>();

  /**
   * @param lastAttachment where to count on from. Another one for each balancer process: what a server still says to
   *   an attachment of the one before must not reach whoever has the same number from this one.
   */
  constructor(private lastAttachment: Attachment) {}

  get size(): number {
    return this.byPeer.size;
  }

  ofPeer(peer: PeerKey): Client | undefined {
    return this.byPeer.get(peer);
  }

  ofAttachment(attachment: Attachment): Client | undefined {
    return this.byAttachment.get(attachment);
  }

  /** How many are attached to a server. */
  occupancy(server: number): number {
    return this.byServer.get(server)?.size ?? 0;
  }

  attachedTo(server: number): readonly Client[] {
    return [...(this.byServer.get(server) ?? [])];
  }

  waiting(): readonly Client[] {
    return [...this.byPeer.values()].filter((client) => client.attachment === 0 && !client.stalled);
  }

  silentSince(beforeMs: number): readonly Client[] {
    const silent: Client[] = [];
    for (const client of this.byPeer.values()) if (client.lastHeardMs < beforeMs) silent.push(client);
    return silent;
  }

  /** Nobody was listened to for so long: that was not their silence. */
  excuse(ms: number, nowMs: number): void {
    for (const client of this.byPeer.values()) client.lastHeardMs = Math.min(nowMs, client.lastHeardMs + ms);
  }

  add(account: Account, nowMs: number): Client {
    const { peer } = account;
    const client: Client = {
      peer,
      account,
      attachment: 0,
      server: 0,
      home: 0,
      reason: 'new',
      unservedMs: 0,
      lastHeardMs: nowMs,
      stalled: false,
      pauseMs: FIRST_RETRY_MS,
    };
    this.byPeer.set(peer, client);
    return client;
  }

  /** Gives the client to a server, under a number that no attachment had before. */
  attach(client: Client, server: number): void {
    this.detach(client);
    this.lastAttachment = (this.lastAttachment % MAX_ATTACHMENT) + 1;
    client.attachment = this.lastAttachment;
    client.server = server;
    this.byAttachment.set(client.attachment, client);
    const others = this.byServer.get(server);
    if (others) others.add(client);
    else this.byServer.set(server, new Set([client]));
  }

  /** Voids its attachment. @returns the attachment, 0 when it had none */
  detach(client: Client): Attachment {
    const { attachment, server } = client;
    if (attachment === 0) return 0;
    this.byAttachment.delete(attachment);
    this.byServer.get(server)?.delete(client);
    client.attachment = 0;
    client.server = 0;
    return attachment;
  }

  remove(client: Client): void {
    this.detach(client);
    this.byPeer.delete(client.peer);
  }
}
