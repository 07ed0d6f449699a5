/** Servers whose configurations differ go by what the log says, and the log says what its leader is configured to. */
import type { ChatLimits } from '../../src/chat/limits';
import type { ServerCore } from '../../src/server/core';
import type { ServerParts } from '../../src/server/parts';
import { VirtualCluster } from './virtual';

const textBytes = (server: number) => 1000 * server;

function limitsAt(cluster: VirtualCluster, server: number): ChatLimits {
  return (cluster.core(server) as unknown as { parts: ServerParts }).parts.chat.limits;
}

function logged(core: ServerCore): number {
  return core.status().committed;
}

test('a leader with other limits changes them for all, a restarted follower goes by them, and nothing is repeated', async () => {
  const cluster = await VirtualCluster.start({ limits: {}, chat: (server) => ({ textBytes: textBytes(server) }) });
  const leader = cluster.leader();
  await cluster.enter(leader, 1);
  const [follower = 0, other = 0] = cluster.ids.filter((id) => id !== leader);
  cluster.kill(follower);
  await cluster.startServer(follower);
  await cluster.until('equal servers', () => cluster.equal());
  for (const id of cluster.ids) expect(limitsAt(cluster, id).textBytes).toBe(textBytes(leader));

  cluster.kill(leader);
  await cluster.until('another leader', () => cluster.leader() !== 0);
  const next = cluster.leader();
  await cluster.startServer(leader);
  await cluster.until('equal servers', () => cluster.equal());
  await cluster.until('its limits', () => limitsAt(cluster, other).textBytes === textBytes(next));
  await cluster.until('equal servers', () => cluster.equal());
  for (const id of cluster.ids) expect(limitsAt(cluster, id).textBytes).toBe(textBytes(next));
  const rounds = logged(cluster.core(next));
  await cluster.pass(25_000);
  expect(logged(cluster.core(next))).toBe(rounds);
});

test('a line is refused by the limits of the log, not by those of the server that it is said at', async () => {
  const cluster = await VirtualCluster.start({ limits: {}, chat: (server) => ({ textBytes: textBytes(server) }) });
  const leader = cluster.leader();
  const others = cluster.ids.filter((id) => id !== leader);
  for (const [at, server] of others.entries()) {
    await cluster.enter(server, at + 1);
    for (const [seq, bytes] of [textBytes(leader), textBytes(leader) + 1].entries()) {
      const command = { type: 'say', room: 'lobby', text: 'x'.repeat(bytes), action: false } as const;
      await cluster.do(server, at + 1, 2 + seq, command);
    }
  }
  await cluster.until('equal servers', () => cluster.equal());
  for (const server of others) {
    const failed = cluster.told.filter((one) => one.server === server && one.message.type === 'failed');
    expect(failed.map(({ message }) => message)).toEqual([
      expect.objectContaining({
        seq: 3,
        code: 'text-too-long',
        message: expect.stringContaining(`${textBytes(leader)}`),
      }),
    ]);
  }
});
