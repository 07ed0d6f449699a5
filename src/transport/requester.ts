/** Questions to one peer over REQ: one at a time, in order, each with its time. */
import type { Request } from 'zeromq';
import type { Requester } from './transport';

interface Waiting {
  readonly question: Uint8Array;
  readonly timeoutMs: number;
  readonly resolve: (answer: Uint8Array | undefined) => void;
}

/**
 * The socket is `relaxed`, so a lost answer does not block it, and `correlate`, so that a late answer is not taken for
 * that of the next question.
 */
export class ZeroMqRequester implements Requester {
  private readonly waiting: Waiting[] = [];
  private asking = false;

  constructor(
    private readonly socket: Request,
    private readonly most: number,
  ) {}

  ask(question: Uint8Array, timeoutMs: number): Promise<Uint8Array | undefined> {
    if (this.socket.closed || this.waiting.length >= this.most) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.waiting.push({ question, timeoutMs, resolve });
      if (!this.asking) void this.askAll();
    });
  }

  close(): void {
    this.socket.close();
    for (const { resolve } of this.waiting.splice(0)) resolve(undefined);
  }

  private async askAll(): Promise<void> {
    this.asking = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      next.resolve(await this.exchange(next));
    }
    this.asking = false;
  }

  private async exchange({ question, timeoutMs }: Waiting): Promise<Uint8Array | undefined> {
    try {
      this.socket.sendTimeout = timeoutMs;
      this.socket.receiveTimeout = timeoutMs;
      await this.socket.send(question);
      const [answer] = await this.socket.receive();
      return answer;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN' || this.socket.closed) return undefined;
      throw error;
    }
  }
}
