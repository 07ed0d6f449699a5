/** A REP socket: one question after the other, each answered once. */
import type { Reply } from 'zeromq';
import { invariant } from '../lib/assert';
import type { SizeGuard } from './drops';
import { receiveOne } from './receiving';
import type { Replier } from './transport';

/** Told to the peer instead of an answer that is too large to send. */
const NO_ANSWER = new Uint8Array(0);

export type OnQuestion = (question: Uint8Array, answer: (payload: Uint8Array) => void) => void;

export class ZeroMqReplier implements Replier {
  constructor(
    private readonly socket: Reply,
    private readonly guard: SizeGuard,
  ) {}

  /** Hands over every question until the socket is closed. */
  async answerAll(onQuestion: OnQuestion): Promise<void> {
    while (!this.socket.closed) {
      const frames = await receiveOne(this.socket);
      if (!frames) continue;
      const answer = await this.answerTo(frames, onQuestion);
      if (this.socket.closed) return;
      // The send is over when the call returns: to a peer that is gone it goes nowhere.
      void this.socket.send((this.guard.maySend([answer]) ? answer : NO_ANSWER) as Buffer);
    }
  }

  close(): void {
    this.socket.close();
  }

  private async answerTo(frames: readonly Uint8Array[], onQuestion: OnQuestion): Promise<Uint8Array> {
    const [question] = frames;
    if (!question || frames.length !== 1) {
      this.guard.drop(frames, 'received', 'malformed');
      return NO_ANSWER;
    }
    if (!this.guard.mayReceive(frames)) return NO_ANSWER;
    return new Promise((resolve) => {
      let answered = false;
      onQuestion(question, (payload) => {
        invariant(!answered, 'a question is answered once');
        answered = true;
        resolve(payload);
      });
    });
  }
}
