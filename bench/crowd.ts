/** Very many clients, in as many processes as their sockets need. */
import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import { cpuMsOf } from './cpu';
import type { CrowdAnswer, CrowdOrder, CrowdReport } from './crowd-part';
import { residentMbOf } from './memory';
import { type Acknowledged, together } from './verify';

export interface CrowdSettings {
  /** The file of the cluster's configuration. */
  readonly config: string;
  readonly clients: number;
  /** Clients in one room. */
  readonly members: number;
  /** Bytes of a post. */
  readonly size: number;
  readonly name: string;
}

/** Each has four files open, of 20,000 that a process often may. */
const CLIENTS_A_PROCESS = 2500;

export class Crowd {
  private readonly parts: readonly ChildProcess[];
  private failure: Error | undefined;

  private constructor(count: number) {
    this.parts = Array.from({ length: count }, () => {
      const part = fork(path.join(__dirname, 'crowd-part.ts'), {
        execArgv: ['-r', 'ts-node/register/transpile-only'],
        serialization: 'advanced',
      });
      part.once('exit', () => {
        this.failure = new Error('a process of clients ended');
      });
      return part;
    });
  }

  /** @returns once all of them are in their rooms */
  static async come({ config, clients, members, size, name }: CrowdSettings): Promise<Crowd> {
    const crowd = new Crowd(Math.ceil(clients / CLIENTS_A_PROCESS));
    const orders = crowd.parts.map((_, part): CrowdOrder => {
      const count = Math.min(CLIENTS_A_PROCESS, clients - part * CLIENTS_A_PROCESS);
      const rooms = Math.ceil(count / members);
      return { type: 'come', config, load: { clients: count, rooms, size, name: `${name}-${part}` } };
    });
    try {
      await Promise.all(crowd.parts.map((part, at) => crowd.order(part, orders[at] as CrowdOrder)));
      return crowd;
    } catch (error) {
      crowd.end();
      throw error;
    }
  }

  /** From now on they post, each in its turn. @param postsPerSec of all of them together */
  async pace(postsPerSec: number): Promise<void> {
    await this.orderAll({ type: 'pace', postsPerSec: postsPerSec / this.parts.length });
  }

  async reset(): Promise<void> {
    await this.orderAll({ type: 'reset' });
  }

  report(): Promise<readonly CrowdReport[]> {
    return this.orderAll<CrowdReport>({ type: 'report' });
  }

  /** Ends the posting; every acknowledged post was delivered once to its client. */
  async finish(): Promise<Acknowledged> {
    return together(await this.orderAll<Acknowledged>({ type: 'finish' }));
  }

  /** What all these processes have used of the processors so far, milliseconds. */
  cpuMs(): number {
    return this.parts.reduce((sum, { pid }) => sum + cpuMsOf(pid as number), 0);
  }

  /** What all these processes have of the memory. */
  residentMb(): number {
    return this.parts.reduce((sum, { pid }) => sum + residentMbOf(pid as number), 0);
  }

  end(): void {
    for (const part of this.parts) part.kill('SIGKILL');
  }

  private orderAll<Answer>(order: CrowdOrder): Promise<readonly Answer[]> {
    return Promise.all(this.parts.map((part) => this.order<Answer>(part, order)));
  }

  private order<Answer>(part: ChildProcess, order: CrowdOrder): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(this.failure);
      part.once('exit', onExit);
      part.once('message', (said: CrowdAnswer) => {
        part.off('exit', onExit);
        if ('failure' in said) reject(new Error(said.failure));
        else resolve(said.answer as Answer);
      });
      part.send(order);
    });
  }
}
