/** What the peers did beside what the product did. */
import type { Figure } from '../figures';

type Figures = Readonly<Record<string, Figure>>;

/** What one peer did, or why it was not measured. */
export interface PeerResult {
  readonly name: string;
  /** Each post is on the disks of a majority before it is acknowledged. */
  readonly durable: boolean;
  readonly version?: string;
  readonly figures?: Figures;
  readonly missing?: string;
}

/** A result with how many times of each figure the product has. */
export interface ComparedPeer extends PeerResult {
  readonly ratios: Readonly<Record<string, number>>;
}

const NAME_WIDTH = 32;
const COLUMN_WIDTH = 24;

export function compare(product: Figures, peers: readonly PeerResult[]): readonly ComparedPeer[] {
  return peers.map((peer) => {
    const ratios = Object.entries(peer.figures ?? {}).flatMap(([name, { median }]) => {
      const own = product[name]?.median;
      return own === undefined || median === 0 ? [] : [[name, Number((own / median).toFixed(2))]];
    });
    return { ...peer, ratios: Object.fromEntries(ratios) };
  });
}

/** A table for a person. @param durable whether the product synced */
export function showPeers(product: Figures, durable: boolean, peers: readonly ComparedPeer[]): string {
  const columns = [...new Set(peers.flatMap(({ figures }) => Object.keys(figures ?? {})))];
  const row = (name: string, cells: readonly string[]) => {
    return `  ${name.padEnd(NAME_WIDTH)}${cells.map((cell) => cell.padStart(COLUMN_WIDTH)).join('')}`;
  };
  const rows = peers.map(({ name, version, durable: synced, figures, missing, ratios }) => {
    if (!figures) return `  ${name.padEnd(NAME_WIDTH)}  ${missing}`;
    const cells = columns.map((column) => {
      const ratio = ratios[column];
      return `${figures[column]?.median ?? ''}${ratio === undefined ? '' : ` (${ratio} x)`}`;
    });
    return row(`${name} ${version}${synced ? '' : ', not synced'}`, cells);
  });
  const own = columns.map((column) => String(product[column]?.median ?? ''));
  return [
    row('beside others, three nodes each', columns),
    row(durable ? 'Synod' : 'Synod, not synced', own),
    ...rows,
    '  medians; (n x): how many times of it Synod has',
  ].join('\n');
}
