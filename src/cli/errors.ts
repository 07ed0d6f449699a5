/** Expected failures of the parts as what ends a command: a status and a line. */
import { ConfigError } from '../config/problems';
import { HistoryError } from '../history/blocks';
import { EXIT, ExitError } from '../lib/exit';
import { StorageError, type StorageErrorCode } from '../storage/storage';
import { TransportError } from '../transport/transport';

const STORAGE_STATUS: Readonly<Record<StorageErrorCode, number>> = {
  corrupt: EXIT.data,
  foreign: EXIT.data,
  locked: EXIT.locked,
  'not-permitted': EXIT.system,
  failed: EXIT.disk,
};

const TRANSPORT_WORDS: Readonly<Record<TransportError['code'], string>> = {
  'address-in-use': 'the address is in use; stop the other process or configure another port',
  'not-permitted': 'not permitted to bind there; configure a port above 1023 and an address of this host',
  'bad-address': 'no address of this host that can be bound; see the configuration',
};

/** The error as an ExitError when it is an expected one; else undefined. */
export function toExitError(error: unknown): ExitError | undefined {
  if (error instanceof ExitError) return error;
  if (error instanceof ConfigError) return new ExitError(EXIT.config, error.message, { cause: error });
  if (error instanceof StorageError) return new ExitError(STORAGE_STATUS[error.code], error.message, { cause: error });
  if (error instanceof HistoryError) return new ExitError(EXIT.data, error.message, { cause: error });
  if (!(error instanceof TransportError)) return undefined;
  return new ExitError(EXIT.system, `${error.address}: ${TRANSPORT_WORDS[error.code]}`, { cause: error });
}
