/** What is compared with others must be compared rightly, and with whatever of them is there. */
import { checkPeers } from '../../bench/peers';
import { decode, encode, frame, Unframer } from '../../bench/peers/protobuf';
import { compare, showPeers } from '../../bench/peers/table';

describe('what etcd understands', () => {
  test('a message has its fields again', () => {
    const long = Buffer.alloc(300, 'x');
    const fields = [
      ...decode(
        encode([
          [1, Buffer.from('key')],
          [20, long],
        ]),
      ),
    ];
    expect(fields).toEqual([
      [1, Buffer.from('key')],
      [20, long],
    ]);
  });

  test('numbers are read to 64 bits', () => {
    expect([...decode(Buffer.from('20ffffffffffffffffff01', 'hex'))]).toEqual([[4, 2n ** 64n - 1n]]);
  });

  test('what is cut short is refused', () => {
    expect(() => [...decode(Buffer.from('20ff', 'hex'))]).toThrow('out of range');
  });

  test.each([1, 2, 5, 6, 100])('messages are whole again from pieces of %d bytes', (size) => {
    const sent = ['a', '', 'bcd'].map((text) => Buffer.from(text));
    const bytes = Buffer.concat(sent.map(frame));
    const unframer = new Unframer();
    const received: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) received.push(...unframer.push(bytes.subarray(at, at + size)));
    expect(received).toEqual(sent);
  });
});

describe('beside others', () => {
  const of = (median: number) => ({ median, min: median, max: median });
  const product = { postsPerSec: of(50_000), p50Ms: of(20), deliveriesPerSec: of(50_000) };
  const peers = compare(product, [
    { name: 'etcd', durable: true, version: '3.4', figures: { postsPerSec: of(7_500), p50Ms: of(100) } },
    { name: 'NATS', durable: false, missing: 'is not installed: apt-get install nats-server' },
  ]);

  test('each figure of theirs says how many times of it the product has', () => {
    expect(peers.map(({ ratios }) => ratios)).toEqual([{ postsPerSec: 6.67, p50Ms: 0.2 }, {}]);
  });

  test('who is missing has a line too', () => {
    const lines = showPeers(product, true, peers).split('\n');
    expect(lines[1]).toMatch(/Synod +50000 +20$/);
    expect(lines[2]).toMatch(/etcd 3.4 +7500 \(6.67 x\) +100 \(0.2 x\)$/);
    expect(lines[3]).toMatch(/NATS +is not installed: apt-get install nats-server$/);
  });

  test('what cannot be compared is refused', () => {
    expect(() => checkPeers({ workload: 'flood', servers: 3 })).toThrow('not flood');
    expect(() => checkPeers({ workload: 'throughput', servers: 5 })).toThrow('not of 5');
  });
});
