/** A REQ socket on the virtual network: one question at a time, with a number that its answer carries. */
import type { Frames, Requester } from '../../src/transport/transport';
import type { Connection } from './connection';
import type { VirtualProcess } from './process';
import type { Weather } from './weather';

interface Asked {
  readonly question: Uint8Array;
  readonly deadlineMs: number;
  readonly resolve: (answer: Uint8Array | undefined) => void;
}

export class VirtualRequester implements Requester {
  private readonly waiting: Asked[] = [];
  private readonly connection: Connection;
  private number = 0;
  private settle: ((answer: Uint8Array | undefined) => void) | undefined;
  private unsent: Uint8Array | undefined;

  constructor(
    private readonly process: VirtualProcess,
    weather: Weather,
    private readonly most: number,
    connect: (onFrames: (frames: Frames) => void, onLink: () => void) => Connection,
  ) {
    this.connection = connect(
      ([number, answer]) => {
        const isOwn = Number(Buffer.from(number as Uint8Array).toString()) === this.number;
        if (isOwn || weather.staleAnswers) this.settle?.(answer);
      },
      () => this.send(),
    );
  }

  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.waiting.length >= this.most) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const deadlineMs = this.process.clock.monotonicMs() + timeoutMs;
      this.waiting.push({ question: Buffer.from(question), deadlineMs, resolve });
      if (!this.settle) this.next();
    });
  }

  close(): void {
    this.connection.close();
    this.settle?.(undefined);
    for (const { resolve } of this.waiting.splice(0)) resolve(undefined);
  }

  private next(): void {
    const asked = this.waiting.shift();
    if (!asked) return;
    const leftMs = Math.max(0, asked.deadlineMs - this.process.clock.monotonicMs());
    const cancel = this.process.timers.after(leftMs, () => this.settle?.(undefined));
    this.settle = (answer) => {
      cancel();
      this.settle = undefined;
      this.unsent = undefined;
      asked.resolve(answer);
      this.next();
    };
    this.number += 1;
    this.unsent = asked.question;
    this.send();
  }

  private send(): void {
    if (!this.unsent || !this.connection.isUp) return;
    this.connection.send([Buffer.from(String(this.number)), this.unsent]);
    this.unsent = undefined;
  }
}
