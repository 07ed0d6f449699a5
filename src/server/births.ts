/**
 * The births that peers claim and that are not this log's: nothing such a peer says concerns this log. When so many do
 * that they could be a majority without this server, it is this folder that is the wrong one.
 */
import { EXIT } from '../lib/exit';
import type { ServerEffect } from './effects';

export class OtherBirths {
  private readonly claimed = new Map<number, string>();

  constructor(
    /** How many servers the cluster has. */
    private readonly servers: number,
    private readonly send: (effect: ServerEffect) => void,
  ) {}

  /**
   * @param birth that the sender says its log has; '' for none
   * @param own of the log held here; '' for none
   * @returns whether the sender holds the log of another birth
   */
  isOther(from: number, birth: string, own: string): boolean {
    if (birth === '' || own === '' || birth === own) {
      this.claimed.delete(from);
      return false;
    }
    if (this.claimed.get(from) !== birth) {
      const text = `server ${from} holds the log of birth ${birth}, not of ${own}: nothing it says is taken`;
      this.send({ type: 'log', level: 'warn', text });
    }
    this.claimed.set(from, birth);
    const agreeing = [...this.claimed.values()].filter((other) => other === birth).length;
    if (agreeing > this.servers / 2) {
      const reason = `the data folder holds the log of birth ${own}, but the cluster's is ${birth}; move the folder away, the server then gets the log from its peers`;
      this.send({ type: 'stop', status: EXIT.data, reason });
    }
    return true;
  }
}
