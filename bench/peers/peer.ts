/** What Synod is measured beside: other replicated logs, three nodes of each on this machine. */
import type { PeerNodes } from './nodes';

/** Of every peer: what most people run of them. */
export const NODES = 3;

export interface Peer {
  readonly name: string;
  /** What has to be on the PATH, and what Debian's package of it is called. */
  readonly program: string;
  readonly debianPackage: string;
  /** The npm package that talks to it; none where what node has is enough. */
  readonly library?: string;
  /** Each post is on the disks of a majority before it is acknowledged, with the settings that it comes with. */
  readonly durable: boolean;
  /** Starts its nodes, and waits until they serve. @param program where it is */
  start(nodes: PeerNodes, program: string, settings: PeerSettings): Promise<PeerCluster>;
}

export interface PeerSettings {
  /** Bytes of a post. */
  readonly size: number;
  readonly clients: number;
  /** Everybody reads what all post. */
  readonly deliver: boolean;
}

export interface PeerCluster {
  readonly version: string;
  /** Which node leads. @throws while not all of them are there */
  leader(): Promise<number>;
  /** Connects a client to a node; both are counted from 0. */
  connect(client: number, node: number): Promise<PeerClient>;
}

export interface PeerClient {
  /** It has its connection still. */
  readonly isOpen: boolean;
  /** Sends a post. @param onDone it was acknowledged, or failed */
  post(onDone: (error?: Error) => void): void;
  /** Tells what all clients post from now on, once each. @param onPosts how many came */
  read(onPosts: (count: number) => void): Promise<void>;
  close(): Promise<void>;
}
