/** Messages and values in words, for traces to be read by people. */
import { showBallot } from '../../src/paxos/ballot';
import type { AcceptedValue, PaxosMessage } from '../../src/paxos/messages';

export function textOf(value: Uint8Array): string {
  return value.length === 0 ? 'nop' : Buffer.from(value).toString();
}

/** What is long, for traces. */
export function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 20)}…` : text;
}

/** A message in a few words, for traces. */
export function describe(message: PaxosMessage): string {
  const values = (accepted: readonly AcceptedValue[]) =>
    accepted.map(({ round, ballot, value }) => `${round}:${showBallot(ballot)}'${short(textOf(value))}'`).join(' ');
  const since = (first: number) => (first > 0 ? `, log from ${first}` : '');
  switch (message.type) {
    case 'Accept':
      return `Accept ${showBallot(message.ballot)} ${message.round} '${short(textOf(message.value))}' <${message.committed}`;
    case 'Accepted':
      return `Accepted ${showBallot(message.ballot)} ${message.rounds.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(',')} [${message.vector}]`;
    case 'Heartbeat':
      return `Heartbeat ${showBallot(message.ballot)} <${message.committed}`;
    case 'Alive':
      return `Alive ${showBallot(message.ballot)} <${message.committed}`;
    case 'PreVote':
      return `PreVote ${showBallot(message.ballot)} <${message.committed}`;
    case 'PreVoteReply':
      return `PreVoteReply ${showBallot(message.ballot)} ${message.granted ? 'yes' : `no, follows ${showBallot(message.leader)}`}`;
    case 'Prepare':
      return `Prepare ${showBallot(message.ballot)} ≥${message.from}`;
    case 'Promise':
      return `Promise ${showBallot(message.ballot)} ${message.granted ? `yes {${values(message.accepted)}}` : `no, ${showBallot(message.promised)}`}`;
    case 'RequestValue':
      return `RequestValue ≥${message.from}`;
    case 'Values':
      return `Values {${values(message.values)}} <${message.committed}${since(message.first)}`;
    case 'Forward':
      return `Forward #${message.serial} ${message.commands.map((command) => Buffer.from(command).toString()).join(' ')}`;
    case 'Taken':
      return `Taken #${message.serial}`;
    case 'NotLeader':
      return `NotLeader #${message.serial}`;
    case 'Recover':
      return `Recover ${message.incarnation} ≥${message.from}`;
    case 'RecoverReply':
      return `RecoverReply ${message.incarnation} ${message.standing}, knew ${message.known}, ${showBallot(message.promised)} {${values(message.accepted)}}${since(message.first)} [${message.vector}]`;
  }
}
