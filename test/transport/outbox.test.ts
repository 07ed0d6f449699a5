import { type Drop, SizeGuard } from '../../src/transport/drops';
import { Outbox, type OutboxLimits } from '../../src/transport/outbox';
import type { Frames } from '../../src/transport/transport';
import { bytes, text, until } from './until';

const AMPLE: OutboxLimits = { outboxMessages: 1000, outboxBytes: 1_000_000 };

/** A socket that records what leaves; refuses while it is full; throws when two sends overlap, as zeromq.js does. */
class FakeSocket {
  readonly sent: string[] = [];
  full = false;
  private sending = false;

  async send(frames: Frames): Promise<void> {
    if (this.sending) throw Object.assign(new Error('two sends overlap'), { code: 'EBUSY' });
    this.sending = true;
    await null;
    this.sending = false;
    if (this.full) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    this.sent.push(frames.map(text).join());
  }
}

function outboxWith(limits: OutboxLimits, maxBytes = 100) {
  const socket = new FakeSocket();
  const drops: Drop[] = [];
  const guard = new SizeGuard('tcp://here:1', maxBytes, (drop) => drops.push(drop));
  return { socket, drops, outbox: new Outbox(socket, limits, guard) };
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => String(from + n));

describe('an outbox', () => {
  it('never lets two sends overlap, and keeps the order', async () => {
    const { socket, outbox } = outboxWith({ outboxMessages: 5000, outboxBytes: 1_000_000 });
    for (const number of numbers(0, 3000)) outbox.push([bytes(number)]);
    await outbox.flushed(10_000);
    for (const number of numbers(3000, 3010)) outbox.push([bytes(number)]);
    await outbox.flushed(10_000);
    expect(socket.sent).toEqual(numbers(0, 3010));
  });

  it('waits for a full link, and loses nothing and no order over it', async () => {
    const { socket, drops, outbox } = outboxWith(AMPLE);
    socket.full = true;
    for (const number of numbers(0, 100)) outbox.push([bytes(number)]);
    await outbox.flushed(10);
    expect(socket.sent).toEqual([]);
    socket.full = false;
    outbox.push([bytes('100')]);
    await until('all have left', () => socket.sent.length === 101);
    expect(socket.sent).toEqual(numbers(0, 101));
    expect(drops).toEqual([]);
  });

  it('drops what comes when too many wait, tells of it, and takes more once they have left', async () => {
    const { socket, drops, outbox } = outboxWith({ outboxMessages: 3, outboxBytes: 1_000_000 });
    socket.full = true;
    for (const number of numbers(0, 5)) outbox.push([bytes('route'), bytes(number)]);
    const drop = { address: 'tcp://here:1', direction: 'sent', reason: 'backlog', bytes: 6 };
    expect(drops).toEqual([drop, drop]);
    socket.full = false;
    await until('all have left', () => socket.sent.length === 3);
    outbox.push([bytes('5')]);
    await outbox.flushed(10_000);
    expect(socket.sent).toEqual(['route,0', 'route,1', 'route,2', '5']);
  });

  it('drops what comes when too many bytes wait', async () => {
    const { socket, drops, outbox } = outboxWith({ outboxMessages: 1000, outboxBytes: 10 });
    socket.full = true;
    for (const word of ['four', 'and4', 'and5', 'ok']) outbox.push([bytes(word)]);
    expect(drops.map(({ reason, bytes }) => [reason, bytes])).toEqual([['backlog', 4]]);
    socket.full = false;
    await until('all have left', () => socket.sent.length === 3);
    expect(socket.sent).toEqual(['four', 'and4', 'ok']);
    for (let turn = 0; turn < 5; turn += 1) {
      outbox.push([bytes('ten bytes!')]);
      await outbox.flushed(10_000);
    }
    expect(socket.sent).toHaveLength(8);
  });

  it('counts only the bytes that still wait, also while it is never empty', async () => {
    const sent: string[] = [];
    const drops: Drop[] = [];
    const more = {
      send: async ([frame]: Frames) => {
        await null;
        sent.push(text(frame));
        if (sent.length < 50) outbox.push([bytes('five!')]);
      },
    };
    const outbox: Outbox = new Outbox(
      more,
      { outboxMessages: 10, outboxBytes: 10 },
      new SizeGuard('tcp://here:1', 100, (drop) => drops.push(drop)),
    );
    outbox.push([bytes('five!')]);
    await outbox.flushed(10_000);
    expect(sent).toHaveLength(50);
    expect(drops).toEqual([]);
  });

  it('drops a message over the limit of one, all frames counted', async () => {
    const { socket, drops, outbox } = outboxWith(AMPLE, 10);
    outbox.push([bytes('123456'), bytes('12345')]);
    outbox.push([bytes('123456'), bytes('1234')]);
    await outbox.flushed(10_000);
    expect(drops.map(({ reason, bytes }) => [reason, bytes])).toEqual([['too-large', 11]]);
    expect(socket.sent).toEqual(['123456,1234']);
  });

  it('forgets what waits when it is closed', async () => {
    const { socket, outbox } = outboxWith(AMPLE);
    socket.full = true;
    for (const number of numbers(0, 10)) outbox.push([bytes(number)]);
    await outbox.flushed(10);
    outbox.close();
    socket.full = false;
    outbox.push([bytes('after')]);
    await outbox.flushed(10_000);
    expect(socket.sent).toEqual([]);
  });
});
