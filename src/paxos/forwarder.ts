/**
 * A follower hands its clients' commands to the leader: one Forward is out at a time, the next batch gathers meanwhile.
 *
 *   Forward(serial) ─▶ Taken(serial) | NotLeader(serial)
 *
 * Always holds, as long as the leader's ballot stays the same: nothing is lost or overtaken. An unanswered batch is asked
 * again with the same commands and serial, so the leader may get one twice; commands are told apart above. When the
 * ballot changes all is dropped: whoever proposed it proposes it again. A leader that has no room for it says so, and is
 * asked again a little later.
 */

import { Backlog, takeBatch } from './backlog';
import type { ServerId } from './ballot';
import type { Parts } from './parts';

export class Forwarder {
  readonly backlog: Backlog;
  private serial = 0;
  private out: { readonly commands: readonly Uint8Array[]; to: ServerId; dueMs: number } | undefined;

  constructor(private readonly parts: Parts) {
    this.backlog = new Backlog(parts.limits.backlogBytes);
  }

  gather(commands: readonly Uint8Array[]): void {
    if (!this.backlog.add(commands)) this.parts.ignore('backlog full');
  }

  /** Sends what has gathered, unless a batch is out already; that one again, when it was not answered in time. */
  pump(leader: ServerId): void {
    const { nowMs, limits } = this.parts;
    if (this.out) {
      if (nowMs >= this.out.dueMs) this.send(leader, this.out.commands);
    } else if (this.backlog.first) {
      this.serial += 1;
      this.send(leader, takeBatch([this.backlog], limits.batchBytes));
    }
  }

  onTaken(from: ServerId, serial: number): void {
    if (!this.isAnswer(from, serial)) return this.parts.ignore('late answer');
    this.out = undefined;
  }

  /** The leader has no room for the batch that is out. */
  onNoRoom(): void {
    if (this.out) this.out.dueMs = this.parts.nowMs + this.parts.limits.heartbeatMs;
  }

  /** Whether the batch that is out was asked of this server, and this is the answer to it. */
  isAnswer(from: ServerId, serial: number): boolean {
    return this.out?.to === from && this.serial === serial;
  }

  drop(): void {
    this.backlog.clear();
    this.out = undefined;
  }

  private send(to: ServerId, commands: readonly Uint8Array[]): void {
    const { nowMs, limits } = this.parts;
    this.out = { commands, to, dueMs: nowMs + limits.questionTimeoutMs };
    this.parts.outbox.ask(to, { type: 'Forward', serial: this.serial, commands });
  }
}
