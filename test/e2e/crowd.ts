/** Many clients in this one process: what they share with `synod chat` is all but the terminal. */
import { clientSecurity } from '../../src/cli/security';
import type { ClientEvent } from '../../src/client/events';
import { Client } from '../../src/client/shell';
import { loadConfig } from '../../src/config/load';
import { thisMachine } from '../../src/lib/machine';
import { seededRandom } from '../../src/lib/prng';
import type { Transport } from '../../src/transport/transport';
import { createZeroMqTransport } from '../../src/transport/zeromq';
import { person } from '../people';

export class Crowd {
  private transport: Transport | undefined;
  private readonly clients: Client[] = [];

  /** Connects so many more clients, and waits until they are online. */
  async join(configFile: string, count: number): Promise<void> {
    const config = loadConfig(configFile);
    const { balancer, cluster, limits } = config;
    this.transport ??= createZeroMqTransport({
      limits: limits.transport,
      random: seededRandom(count),
      security: clientSecurity(config, undefined, {}, () => {}),
    });
    const transport = this.transport;
    const online = Array.from({ length: count }, () => {
      return new Promise<void>((resolve) => {
        const onEvent = (event: ClientEvent) => {
          if (event.type === 'status' && event.state === 'online') resolve();
        };
        const nick = `crowd${this.clients.length}`;
        const endpoint = balancer.clients;
        const client = {
          endpoint,
          cluster,
          nick,
          signer: person(this.clients.length),
          reclaim: false,
          history: 0,
          limits: limits.client,
          transport,
          machine: thisMachine,
          onEvent,
        };
        this.clients.push(new Client(client));
      });
    });
    await Promise.all(online);
  }

  async leave(): Promise<void> {
    for (const client of this.clients) client.dispose();
    await this.transport?.close();
  }
}
