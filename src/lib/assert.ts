/** A broken invariant of our own: a bug. The server that meets one stops rather than go on with it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/**
 * Stops the server when something that must hold does not. Only for what is our own doing: what comes from a peer,
 * a user or a disk is validated instead, and answered, counted or refused.
 */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The end of an exhaustive switch: the type checker proves that it is never reached. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
