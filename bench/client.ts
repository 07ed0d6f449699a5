/** The product's client, as the benchmarks use it. */
import type { ClientEvent } from '../src/client/events';
import { Client, type ConnectOptions } from '../src/client/shell';
import type { ClusterConfig } from '../src/config/schema';
import { thisMachine } from '../src/lib/machine';
import type { Signer } from '../src/lib/signer';
import type { Transport } from '../src/transport/transport';

/** Makes clients of one cluster in this process. */
export type NewClient = (nick: string, onEvent: (event: ClientEvent) => void) => Client;

/**
 * @param whose the person that the next client is of
 * @param otherwise what is not as a bot has it
 */
export function clientsOf(
  config: ClusterConfig,
  transport: Transport,
  whose: () => Signer,
  otherwise: Partial<Pick<ConnectOptions, 'trusting' | 'history' | 'ready'>> = {},
): NewClient {
  const { balancer, cluster, limits } = config;
  return (nick, onEvent) => {
    return new Client({
      endpoint: balancer.clients,
      cluster,
      nick,
      signer: whose(),
      reclaim: false,
      trusting: true,
      history: 0,
      limits: limits.client,
      transport,
      machine: thisMachine,
      onEvent,
      ...otherwise,
    });
  };
}
