/** How answers about rounds and servers travel: the fields of messages to a client, behind their id. */
import type { Ballot } from '../paxos/ballot';
import type { Agreement, GlanceState, ServerGlance, Step, StepKind } from './agreement';
import { MAX_BALLOT_COUNTER, MAX_SERVER_ID, MAX_SERVERS } from './limits';
import { SERVER_STATES } from './peer';
import { arity, list, listOf, oneOf, uint } from './shape';

/** The order is the protocol. */
const STEPS = [
  'taken',
  'proposed',
  'accept',
  'accepted',
  'told',
  'committed',
  'delivered',
] as const satisfies readonly StepKind[];
const STATES: readonly GlanceState[] = [...SERVER_STATES, 'silent'];

/** Steps of one round: each once, but that every server accepts it. */
const MAX_STEPS = STEPS.length - 1 + MAX_SERVERS;

export const AGREEMENT_FIELDS = 10;
export const CLUSTER_FIELDS = 4;

export function writeAgreement(agreement: Agreement): readonly unknown[] {
  const { position, round, time, server, servers, ballot, accepted, repeats, steps } = agreement;
  const rows = steps.map((step) => [STEPS.indexOf(step.what), step.server, step.timeUs]);
  return [position, round, time, server, servers, ballot.counter, ballot.server, accepted, repeats, rows];
}

export function readAgreement(fields: readonly unknown[]): Agreement {
  const [position, round, time, server, servers, counter, leader, accepted, repeats, steps] = fields;
  return {
    position: uint(position, 'position'),
    round: uint(round, 'round'),
    time: uint(time, 'time'),
    server: serverId(server),
    servers: uint(servers, 'servers', MAX_SERVERS),
    ballot: readBallot(counter, leader),
    accepted: listOf(accepted, 'accepted', serverId, MAX_SERVERS),
    repeats: uint(repeats, 'repeats'),
    steps: listOf(steps, 'steps', readStep, MAX_STEPS),
  };
}

export function writeCluster(server: number, ballot: Ballot, servers: readonly ServerGlance[]): readonly unknown[] {
  const rows = servers.map(({ id, state, committed, lag, clients, silentMs }) => {
    return [id, STATES.indexOf(state), committed, lag, clients, silentMs];
  });
  return [server, ballot.counter, ballot.server, rows];
}

export function readCluster([server, counter, leader, servers]: readonly unknown[]) {
  return {
    server: serverId(server),
    ballot: readBallot(counter, leader),
    servers: listOf(servers, 'servers', readGlance, MAX_SERVERS),
  };
}

function readStep(value: unknown): Step {
  const fields = list(value, 'step');
  arity(fields, 3, 'step');
  return { what: oneOf(fields[0], STEPS, 'step'), server: serverId(fields[1]), timeUs: uint(fields[2], 'time') };
}

function readGlance(value: unknown): ServerGlance {
  const fields = list(value, 'server');
  arity(fields, 6, 'server');
  return {
    id: serverId(fields[0]),
    state: oneOf(fields[1], STATES, 'state'),
    committed: uint(fields[2], 'committed'),
    lag: uint(fields[3], 'lag'),
    clients: uint(fields[4], 'clients'),
    silentMs: uint(fields[5], 'silentMs'),
  };
}

function readBallot(counter: unknown, server: unknown): Ballot {
  return { counter: uint(counter, 'counter', MAX_BALLOT_COUNTER), server: serverId(server) };
}

function serverId(value: unknown): number {
  return uint(value, 'server', MAX_SERVER_ID);
}
