/** How every payload starts: the version of the protocol, then the cluster's name. */
import { PROTOCOL_VERSION } from './frames';
import { isUint, ShapeError } from './shape';

/** @throws ShapeError when the payload is of another version or another cluster */
export function checkHead(fields: readonly unknown[], cluster: string): void {
  const [version, name] = fields;
  if (version !== PROTOCOL_VERSION) {
    throw new ShapeError(isUint(version) ? `protocol version ${version}, not ${PROTOCOL_VERSION}` : 'no version');
  }
  if (name !== cluster) throw new ShapeError('of another cluster');
}
