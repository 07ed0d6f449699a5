/** The clients as the balancer sees them: which is attached to which server, and which waits for one. */
import type { PeerKey } from '../transport/transport';
import type { Attachment } from '../wire/frames';

export interface Client {
  readonly peer: PeerKey;
  /** 0: waits for a server. */
  attachment: Attachment;
  /** The id of its server; 0: none. */
  server: number;
  lastHeardMs: number;
  /** It does not read: nothing is sent to it until it can be written again, and then it starts anew. */
  stalled: boolean;
}

export class Clients {
  private readonly byPeer = new Map<PeerKey, Client>();
  private readonly byAttachment = new Map<Attachment, Client>();
  private readonly byServer = new Map<number, Set<Client>>();
  private lastAttachment = 0;

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

  all(): IterableIterator<Client> {
    return this.byPeer.values();
  }

  add(peer: PeerKey, nowMs: number): Client {
    const client = { peer, attachment: 0, server: 0, lastHeardMs: nowMs, stalled: false };
    this.byPeer.set(peer, client);
    return client;
  }

  /** Gives the client to a server, under a number that no attachment had before. */
  attach(client: Client, server: number): void {
    this.detach(client);
    this.lastAttachment += 1;
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
