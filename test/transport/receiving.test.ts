import { receiveAll } from '../../src/transport/receiving';
import type { Frames } from '../../src/transport/transport';
import { bytes, text } from './until';

/** A socket that gives what it was told to, then is closed. */
class FakeSource {
  closed = false;

  constructor(private readonly outcomes: (string | Error)[]) {}

  async receive(): Promise<Frames> {
    const outcome = this.outcomes.shift();
    if (typeof outcome === 'string') return [bytes(outcome)];
    if (outcome) throw outcome;
    this.closed = true;
    throw failure('EAGAIN');
  }
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

describe('the reader of a socket', () => {
  it('hands over everything until the socket is closed', async () => {
    const got: string[] = [];
    await receiveAll(new FakeSource(['a', 'b', 'c']), ([frame]) => void got.push(text(frame)));
    expect(got).toEqual(['a', 'b', 'c']);
  });

  it('goes on after a message that the socket discarded', async () => {
    const got: string[] = [];
    await receiveAll(new FakeSource(['a', failure('EAGAIN'), 'b']), ([frame]) => void got.push(text(frame)));
    expect(got).toEqual(['a', 'b']);
  });

  it('does not hide an error of the handler, nor one of the socket', async () => {
    const broken = new Error('broken invariant');
    const reading = receiveAll(new FakeSource(['a']), () => {
      throw broken;
    });
    await expect(reading).rejects.toBe(broken);
    await expect(receiveAll(new FakeSource([failure('ENOTSOCK')]), () => {})).rejects.toThrow('ENOTSOCK');
  });
});
