/** A transport on ZeroMQ as the tests use it. */
import { seededRandom } from '../../src/lib/prng';
import type { OnDrop } from '../../src/transport/drops';
import type { TransportLimits } from '../../src/transport/limits';
import { INSECURE, type OnRefusal, type SocketSecurity } from '../../src/transport/security';
import type { Transport } from '../../src/transport/transport';
import { createZeroMqTransport } from '../../src/transport/zeromq';

export const TEST_LIMITS: TransportLimits = {
  sendHighWaterMark: 1000,
  receiveHighWaterMark: 1000,
  outboxMessages: 20_000,
  outboxBytes: 16 * 1024 * 1024,
  maxMessageBytes: 100_000,
  maxSockets: 256,
  peerQuestions: 64,
  reconnectMs: 5,
  reconnectMaxMs: 40,
  zmtpHeartbeatMs: 1000,
  zmtpTimeoutMs: 5000,
  handshakeMs: 5000,
  unreadMs: 30_000,
};

export function createTestTransport(
  limits: Partial<TransportLimits> = {},
  onDrop: OnDrop = () => {},
  security: SocketSecurity = INSECURE,
  onRefusal: OnRefusal = () => {},
): Transport {
  return createZeroMqTransport({
    limits: { ...TEST_LIMITS, ...limits },
    random: seededRandom(1),
    security,
    onDrop,
    onRefusal,
  });
}
