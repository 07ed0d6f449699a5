/** `synod balancer`: runs the balancer until it is told to stop. */
import { runBalancer } from '../balancer/process';
import { thisMachine } from '../lib/machine';
import { type ConfigFlags, configOf, freshRandom, logOf, transportOf } from './context';
import { exitWithParent } from './supervise';
import { untilSignal } from './until-signal';

/** @returns the exit status */
export async function balancer(flags: ConfigFlags): Promise<number> {
  const config = configOf(flags);
  exitWithParent();
  const random = freshRandom();
  const transport = transportOf(config, random);
  const running = await runBalancer({ config, transport, machine: thisMachine, log: logOf('balancer') });
  return untilSignal(running);
}
