import { newKeyPair } from '../../src/transport/security';
import { transportContract } from '../contract/transport';
import { type Port, TestSecurity } from './keys';
import { createTestTransport } from './limits';

transportContract('the transport of sockets in the clear', () => ({ create: () => createTestTransport() }));

transportContract('the transport of encrypted sockets', () => {
  const port: Port = { pair: newKeyPair(), domain: 'servers', admitted: new Set() };
  return {
    create: () => {
      const security = new TestSecurity(() => port);
      port.admitted.add(security.publicKey);
      return createTestTransport({}, () => {}, security);
    },
  };
});
