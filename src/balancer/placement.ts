/**
 * Which server a client gets: the one that it is to have again, else the least occupied of those that serve, the
 * lowest id among equals; and when none serves, it waits and is told why. Each attachment that is void is told to its
 * server.
 */
import type { AttachReason } from '../wire/frames';
import type { Client, Clients } from './clients';
import type { Opening } from './opening';
import type { Outlet } from './outlet';
import type { ConnectedServer, Servers } from './servers';

/** What a frame can say. */
const MAX_UNSERVED_MS = 0xffff_ffff;

export class Placement {
  /** How things stood when those who wait were told last. */
  private told = '';

  constructor(
    private readonly cluster: string,
    private readonly servers: Servers,
    private readonly clients: Clients,
    private readonly opening: Opening,
    private readonly out: Outlet,
  ) {}

  /** Gives the client a new attachment, or tells it to wait. */
  assign(client: Client): void {
    this.void(client);
    const server = this.opening.isOpen ? (this.homeOf(client) ?? this.leastOccupied()) : undefined;
    if (server) this.attach(client, server);
    else this.out.toClient(client.peer, { type: 'wait', ...this.opening.standing() });
  }

  /** Its attachment is over: its server is told. */
  void(client: Client): void {
    const server = this.servers.get(client.server);
    const attachment = this.clients.detach(client);
    if (server && attachment !== 0) this.out.toServer(server.peer, { type: 'gone', attachment });
  }

  /**
   * Takes a server's clients from it.
   * @param unservedMs how long it has not served them
   * @returns those who need another one now
   */
  orphan(server: number, reason: AttachReason, unservedMs: number): readonly Client[] {
    const orphans = this.clients.attachedTo(server);
    for (const orphan of orphans) {
      this.void(orphan);
      Object.assign(orphan, { reason, unservedMs: Math.min(Math.round(unservedMs), MAX_UNSERVED_MS) });
    }
    return orphans;
  }

  /**
   * Something changed with the servers: whoever waits is given one, or told how things stand when that is news.
   * @param orphans those who have not been told anything yet
   */
  review(orphans: readonly Client[]): void {
    const standing = this.opening.standing();
    const serves = this.opening.isOpen && this.servers.serving().length > 0;
    const news = serves ? 'serves' : `${standing.reason} ${standing.connected}/${standing.needed}`;
    const waiting = news === this.told ? orphans : this.clients.waiting();
    this.told = news;
    for (const client of waiting) this.assign(client);
  }

  private attach(client: Client, server: ConnectedServer): void {
    this.clients.attach(client, server.id);
    const { attachment, unservedMs } = client;
    const reason = this.reasonOf(client, server);
    Object.assign(client, { home: 0, reason: 'new', unservedMs: 0 });
    this.out.toServer(server.peer, { type: 'attach', attachment });
    const { cluster } = this;
    this.out.toClient(client.peer, { type: 'attached', attachment, server: server.id, reason, unservedMs, cluster });
  }

  private reasonOf({ reason, home }: Client, { id }: ConnectedServer): AttachReason {
    return reason === 'balancer-restarted' && id !== home ? 'moved' : reason;
  }

  private homeOf({ home }: Client): ConnectedServer | undefined {
    const server = this.servers.get(home);
    return server?.serving ? server : undefined;
  }

  private leastOccupied(): ConnectedServer | undefined {
    let least: ConnectedServer | undefined;
    for (const server of this.servers.serving()) {
      if (!least || this.clients.occupancy(server.id) < this.clients.occupancy(least.id)) least = server;
    }
    return least;
  }
}
