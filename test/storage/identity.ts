import type { StorageIdentity } from '../../src/storage/storage';

/** Whose data the tests write. */
export const IDENTITY: StorageIdentity = { cluster: 'synod-test', server: 1 };
