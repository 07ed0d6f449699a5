import { transportContract } from '../contract/transport';
import { MemoryNetwork } from './memory';

transportContract('the transport of tests', () => {
  const network = new MemoryNetwork();
  return { create: () => network.transport() };
});
