/**
 * Who has a key: `balancer`, `server-2`, `client` (the one that everybody who chats may share), `client-alice`. A key
 * belongs to one holder, and a holder to one role.
 */
import path from 'node:path';
import type { ClusterConfig } from '../config/schema';
import type { Domain } from '../transport/security';

export type Role = 'balancer' | 'server' | 'client';

export const BALANCER = 'balancer';
/** The client's key that `synod init` makes. */
export const CLIENT = 'client';

const HOLDER = /^(?:(balancer)|(server)-[1-9]\d{0,4}|(client)(?:-\w[\w.-]{0,63})?)$/;
export const HOLDERS = 'balancer, server-N, client or client-NAME';

/** Which role may connect to the ports of a domain. */
const ADMITTED: Readonly<Record<Domain, Role>> = { servers: 'server', clients: 'client' };

export function serverHolder(id: number): string {
  return `server-${id}`;
}

/** Undefined when nobody is called so. */
export function roleOf(holder: string): Role | undefined {
  const [, ...roles] = HOLDER.exec(holder) ?? [];
  return roles.find((role) => role !== undefined) as Role | undefined;
}

/** Whether the holder may connect to the ports of a domain. A server that is not of the cluster may not. */
export function isAdmitted(config: ClusterConfig, holder: string, domain: string): boolean {
  const role = roleOf(holder);
  if (!Object.hasOwn(ADMITTED, domain) || ADMITTED[domain as Domain] !== role) return false;
  return role !== 'server' || holdersOf(config).includes(holder);
}

/** All who have to have a key before the cluster can run. */
export function holdersOf({ servers }: ClusterConfig): readonly string[] {
  return [BALANCER, ...servers.map(({ id }) => serverHolder(id)), CLIENT];
}

/** Where the secret key of a holder is. */
export function keyFileOf({ keys }: ClusterConfig, holder: string): string {
  return path.join(keys, `${holder}.key`);
}
