/** The balancer as a process sees it: two ROUTERs and a timer around the core that decides everything. */
import type { ClusterConfig } from '../config/schema';
import type { ExitError } from '../lib/exit';
import type { Logger } from '../lib/log';
import type { Machine } from '../lib/machine';
import type { Frames, Router, RouterHandlers, Transport } from '../transport/transport';
import { decodeClient, decodeServer, encodeToClient, encodeToServer, type Token } from '../wire/frames';
import { Balancer } from './core';
import type { BalancerEffect } from './effects';

/** How often time passes for the core, milliseconds. */
const TICK_MS = 100;
const LINGER_MS = 100;
/** As many as a double holds exactly. */
const TOKEN_BYTES = 6;
const NO_PAYLOAD = new Uint8Array(0);

export interface RunBalancerOptions {
  readonly config: ClusterConfig;
  readonly transport: Transport;
  readonly machine: Machine;
  readonly log: Logger;
}

export interface RunningBalancer {
  /** Never resolves: nothing that happens ends a balancer. */
  readonly failed: Promise<ExitError>;
  /** How many clients there are now: those that have said what they are. */
  readonly clients: () => number;
  close(): Promise<void>;
}

/** Runs the balancer until it is closed. @throws TransportError when an address cannot be bound */
export async function runBalancer({ config, transport, machine, log }: RunBalancerOptions): Promise<RunningBalancer> {
  const now = () => machine.clock.monotonicMs();
  const core = new Balancer(
    {
      cluster: config.cluster,
      serverIds: config.servers.map(({ id }) => id),
      instance: Buffer.from(machine.randomBytes(8)).toString('hex'),
      pid: machine.pid,
      limits: config.limits.balancer,
      newToken: () => tokenOf(machine.randomBytes(TOKEN_BYTES)),
    },
    now(),
  );
  let routers: { clients: Router; servers: Router } | undefined;
  /** What those are to be told who came to one socket before the other was bound. */
  const early: Performed[] = [];
  const perform = (effects: readonly BalancerEffect[]) => {
    for (const effect of effects) {
      if (effect.type === 'rest') rest = restOf(effect.ms);
      else if (routers) performOne(effect, routers, log);
      else early.push(effect);
    }
  };
  /** While it is not over nothing is read from clients. */
  let rest: Promise<void> | undefined;
  const restOf = (ms: number) => {
    return new Promise<void>((resolve) => {
      machine.timers.after(ms, () => {
        rest = undefined;
        resolve();
      });
    });
  };
  const ofClients: RouterHandlers = {
    onMessage: (peer, frames) => {
      perform(core.onClient(peer, frameOf(frames, decodeClient), payloadOf(frames), now()));
      return rest;
    },
    onUndelivered: (peer, _, reason) => perform(core.onUndelivered('client', peer, reason, now())),
    onDisconnect: () => perform(core.onDisconnect('client')),
  };
  const clients = await transport.bindRouter(config.balancer.clients, ofClients, config.limits.clientIntake);
  const servers = await transport.bindRouter(config.balancer.servers, {
    onMessage: (peer, frames) => perform(core.onServer(peer, frameOf(frames, decodeServer), payloadOf(frames), now())),
    onUndelivered: (peer, _, reason) => perform(core.onUndelivered('server', peer, reason, now())),
    onDisconnect: () => perform(core.onDisconnect('server')),
  });
  routers = { clients, servers };
  perform(early.splice(0));
  const stopTicking = machine.timers.every(TICK_MS, () => perform(core.tick(now())));
  log.info(`started; clients at ${config.balancer.clients}, servers at ${config.balancer.servers}`);
  return {
    failed: new Promise(() => {}),
    clients: () => core.clientCount,
    async close() {
      stopTicking();
      await transport.close(LINGER_MS);
    },
  };
}

type Performed = Exclude<BalancerEffect, { readonly type: 'rest' }>;

function performOne(effect: Performed, routers: { clients: Router; servers: Router }, log: Logger): void {
  switch (effect.type) {
    case 'toClient':
      routers.clients.send(effect.peer, [encodeToClient(effect.frame), NO_PAYLOAD]);
      break;
    case 'toServer':
      routers.servers.send(effect.peer, [encodeToServer(effect.frame), NO_PAYLOAD]);
      break;
    case 'payloadToServer': {
      const route = encodeToServer({ type: 'data', attachment: effect.attachment });
      routers.servers.send(effect.peer, [route, effect.payload]);
      break;
    }
    case 'payloadToClients':
      for (const { peer, addressee } of effect.to) {
        routers.clients.send(peer, [encodeToClient({ type: 'data', ...addressee }), effect.payload]);
      }
      break;
    case 'log':
      log[effect.level](effect.text);
      break;
  }
}

function tokenOf(random: Uint8Array): Token {
  return random.reduce((token, byte) => 256 * token + byte, 0) || 1;
}

/** Two frames or nothing: the first says what to do with the second. */
function frameOf<Frame>(frames: Frames, decode: (bytes: Uint8Array) => Frame | undefined): Frame | undefined {
  return frames.length === 2 && frames[0] ? decode(frames[0]) : undefined;
}

function payloadOf(frames: Frames): Uint8Array {
  return frames[1] ?? NO_PAYLOAD;
}
