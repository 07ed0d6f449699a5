/**
 * Some of the clients of a crowd, in a process of their own: `crowd-part.ts`, and then orders come as messages, each of
 * which is answered when it is carried out.
 */
import { clientSecurity } from '../src/cli/security';
import { loadConfig } from '../src/config/load';
import { seededRandom } from '../src/lib/prng';
import { createZeroMqTransport } from '../src/transport/zeromq';
import { clientsOf } from './client';
import { Load, type LoadSettings } from './load';
import { Pacer } from './pacer';
import { newSigner } from './signer';
import type { Acknowledged } from './verify';

export type CrowdOrder =
  | { readonly type: 'come'; readonly config: string; readonly load: LoadSettings }
  | { readonly type: 'pace'; readonly postsPerSec: number }
  | { readonly type: 'reset' }
  /** Answered with a `CrowdReport`. */
  | { readonly type: 'report' }
  /** Answered with what was `Acknowledged`. */
  | { readonly type: 'finish' };

/** Since the last `reset`. */
export interface CrowdReport {
  readonly posts: number;
  /** Of each delivery. */
  readonly delaysMs: Float64Array;
}

/** An answer; why it is none. */
export type CrowdAnswer = { readonly answer: unknown } | { readonly failure: string };

/** Of ZeroMQ: the client's own, and the two ends of its monitor. */
const SOCKETS_A_CLIENT = 3;
const SPARE_SOCKETS = 100;

let load: Load | undefined;
let pacer: Pacer | undefined;

async function carryOut(order: CrowdOrder): Promise<CrowdReport | Acknowledged | undefined> {
  switch (order.type) {
    case 'come':
      load = await come(order.config, order.load);
      return undefined;
    case 'pace':
      pacer = new Pacer(load?.posters ?? [], order.postsPerSec);
      return undefined;
    case 'reset':
      load?.reset();
      return undefined;
    case 'report':
      return load && { posts: load.acknowledged, delaysMs: load.delaysMs() };
    case 'finish':
      pacer?.stop();
      await load?.finish();
      return load?.told;
  }
}

/** Each client is somebody else, with what anybody may. */
function come(file: string, settings: LoadSettings): Promise<Load> {
  const config = loadConfig(file);
  const maxSockets = SPARE_SOCKETS + SOCKETS_A_CLIENT * settings.clients;
  const transport = createZeroMqTransport({
    limits: { ...config.limits.transport, maxSockets },
    random: seededRandom(process.pid),
    security: clientSecurity(config, undefined, {}, () => {}),
  });
  return Load.online(clientsOf(config, transport, newSigner), settings);
}

if (require.main === module) {
  process.on('message', (order: CrowdOrder) => {
    carryOut(order).then(
      (answer) => process.send?.({ answer } satisfies CrowdAnswer),
      (error: Error) => process.send?.({ failure: error.message } satisfies CrowdAnswer),
    );
  });
  // It has no other end than that of whoever started it.
  process.once('disconnect', () => process.exit(0));
}
