import { transportContract } from '../contract/transport';
import { createTestTransport } from './limits';

transportContract('the transport of sockets', () => ({ create: () => createTestTransport() }));
