/**
 * A transport for tests of convergence: passes everything to another one, loses and reorders what subscribers hear by a
 * seeded policy, and cuts links. Losing bytes on the wire would break ZeroMQ's connections, not lose messages; so it is
 * done here, where a message is whole.
 */
import { type Random, randomInt } from '../../src/lib/prng';
import type { Closable, LinkState, Requester, Transport } from '../../src/transport/transport';

export interface LossPolicy {
  readonly random: Random;
  /** Share of published messages that one subscriber does not hear: 0 to 1. */
  readonly loss: number;
  /** Share of published messages that one subscriber hears after up to `late` later ones: 0 to 1. */
  readonly reorder: number;
  readonly late: number;
}

/** The transport, and the hands on its links. */
export interface LossyTransport extends Transport {
  /** From now on nothing passes between this transport and what is bound at the address. */
  cut(address: string): void;
  mend(address: string): void;
  /** Published messages that were lost on purpose. */
  readonly lost: number;
}

interface Held {
  readonly payload: Uint8Array;
  passBy: number;
}

export function lossyTransport(inner: Transport, policy: LossPolicy): LossyTransport {
  const cuts = new Set<string>();
  let lost = 0;

  const connectSubscriber = (
    address: string,
    onMessage: (payload: Uint8Array) => void,
    onLink: (state: LinkState) => void,
  ): Closable => {
    let held: Held[] = [];
    const pass = (payload: Uint8Array) => {
      onMessage(payload);
      for (const each of held) each.passBy -= 1;
      const due = held.filter(({ passBy }) => passBy <= 0);
      held = held.filter(({ passBy }) => passBy > 0);
      for (const each of due) onMessage(each.payload);
    };
    return inner.connectSubscriber(
      address,
      (payload) => {
        if (cuts.has(address) || policy.random.next() < policy.loss) lost += 1;
        else if (policy.random.next() < policy.reorder) {
          held.push({ payload: payload.slice(), passBy: randomInt(policy.random, 1, policy.late + 1) });
        } else pass(payload);
      },
      onLink,
    );
  };

  const connectRequester = (address: string): Requester => {
    const requester = inner.connectRequester(address);
    return {
      ask: async (question, timeoutMs) => {
        if (!cuts.has(address)) return requester.ask(question, timeoutMs);
        await new Promise((resolve) => setTimeout(resolve, timeoutMs));
        return undefined;
      },
      close: () => requester.close(),
    };
  };

  return {
    bindPublisher: (address) => inner.bindPublisher(address),
    connectSubscriber,
    bindReplier: (address, onQuestion) => inner.bindReplier(address, onQuestion),
    connectRequester,
    bindRouter: (address, handlers, intake) => inner.bindRouter(address, handlers, intake),
    connectDealer: (address, onMessage, onLink) => {
      const dealer = inner.connectDealer(
        address,
        (frames) => (cuts.has(address) ? undefined : onMessage(frames)),
        onLink,
      );
      return {
        send: (frames) => {
          if (!cuts.has(address)) dealer.send(frames);
        },
        close: () => dealer.close(),
      };
    },
    keyAt: (address) => inner.keyAt(address),
    close: (lingerMs) => inner.close(lingerMs),
    cut: (address) => void cuts.add(address),
    mend: (address) => void cuts.delete(address),
    get lost() {
      return lost;
    },
  };
}
