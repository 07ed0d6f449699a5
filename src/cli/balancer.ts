/** `synod balancer`: runs the balancer until it is told to stop. */
import { runBalancer } from '../balancer/process';
import { BALANCER } from '../keys/holders';
import { thisMachine } from '../lib/machine';
import { type ConfigFlags, configOf, freshRandom, logOf, transportOf } from './context';
import { type SecurityFlags, securityOf } from './security';
import { exitWithParent } from './supervise';
import { untilSignal } from './until-signal';

/** @returns the exit status */
export async function balancer(flags: ConfigFlags & SecurityFlags): Promise<number> {
  const config = configOf(flags);
  exitWithParent();
  const random = freshRandom();
  const log = logOf('balancer');
  const transport = transportOf(config, random, await securityOf(config, BALANCER, flags, log));
  const running = await runBalancer({ config, transport, machine: thisMachine, log });
  return untilSignal(running, config.limits.process);
}
