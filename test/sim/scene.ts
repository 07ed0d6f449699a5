/** What faults of all kinds need to strike. */
import type { ServerSlot, VirtualCluster } from './cluster';
import type { Fault } from './plan';

export interface Scene {
  readonly cluster: VirtualCluster;
  /** Goes on with a fault after a while, unless all is mended by then. */
  later(ms: number, act: () => void): void;
  /** The server that a fault hits. */
  victim(fault: Fault): ServerSlot;
}

/** The item at that share of a list. */
export function pick<Item>(items: readonly Item[], share: number): Item | undefined {
  return items[Math.floor(share * items.length)];
}
