/**
 * A cluster on virtual hosts: the real servers, balancer and clients, each in a process of its own, started again after
 * it ended as their supervisor would.
 */
import { runBalancer } from '../../src/balancer/process';
import { isDamage, mayRepair } from '../../src/cli/repair';
import type { ClusterConfig } from '../../src/config/schema';
import { InvariantError } from '../../src/lib/assert';
import { EXIT } from '../../src/lib/exit';
import type { Logger } from '../../src/lib/log';
import { type Random, randomInt, seededRandom } from '../../src/lib/prng';
import { runServer } from '../../src/server/process';
import { MemoryStorage } from '../../src/storage/memory';
import type { Storage } from '../../src/storage/storage';
import type { Frames, Transport } from '../../src/transport/transport';
import { createPeerCodec } from '../../src/wire/codec-peer';
import { person } from '../people';
import { Agenda } from './agenda';
import { Checks, type OpenedShell, type Watched } from './checks';
import { configOf } from './config';
import { VirtualDisk } from './disk';
import { Member } from './member';
import { Network } from './network';
import { type Plan, streamOf } from './plan';
import { Host, VirtualProcess } from './process';
import { tell } from './telling';
import { type Trace, Violation } from './trace';
import { VirtualTransport } from './virtual-transport';
import { type Channel, Weather } from './weather';

/** A server's host, and its process while there is one. */
export interface ServerSlot {
  readonly id: number;
  readonly host: Host;
  readonly disk: VirtualDisk;
  process: VirtualProcess | undefined;
  watched: Watched | undefined;
  /** What it had promised may be forgotten: it does not count until it votes again. */
  isForgetful: boolean;
}

/** A process that ended by itself is started again after so long. */
const RESTART_MS = { least: 200, most: 1500 };

export class VirtualCluster {
  readonly agenda = new Agenda();
  readonly weather: Weather;
  readonly network: Network;
  readonly checks: Checks;
  readonly config: ClusterConfig;
  readonly servers: readonly ServerSlot[];
  readonly members: Member[] = [];
  /** Those that were killed. */
  readonly gone: Member[] = [];
  readonly counts = {
    messages: 0,
    lost: 0,
    refused: 0,
    elections: 0,
    restarts: 0,
    restored: 0,
    brokenOff: 0,
    repairs: 0,
  };
  violation: Violation | undefined;
  /** All servers voted at the same time once: from then on some may forget. */
  isEstablished = false;
  private readonly balancerHost = new Host('balancer');
  private balancer: VirtualProcess | undefined;
  private readonly codec = createPeerCodec('sim');
  private readonly bytes: Random;
  private readonly chance: Random;
  private memberCount = 0;
  private lastSaid: Uint8Array | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly trace: Trace,
  ) {
    this.bytes = streamOf(plan.seed, 2);
    this.chance = streamOf(plan.seed, 3);
    this.weather = new Weather(streamOf(plan.seed, 4));
    this.weather.staleAnswers = plan.staleAnswers;
    this.network = new Network(this.agenda, this.weather, {
      sent: (...sent) => this.onSent(...sent),
      refused: () => {
        this.counts.refused += 1;
      },
    });
    this.config = configOf(plan);
    this.checks = new Checks(plan.servers);
    this.servers = this.config.servers.map(({ id }) => ({
      id,
      host: new Host(`server-${id}`),
      disk: new VirtualDisk(`disk-${id}`, this.agenda, streamOf(plan.seed, 100 + id), (records, outcome) =>
        this.note(`server-${id}`, `${outcome}: ${records} records`),
      ),
      process: undefined,
      watched: undefined,
      isForgetful: false,
    }));
  }

  get f(): number {
    return (this.servers.length - 1) / 2;
  }

  get nowMs(): number {
    return this.agenda.nowMs;
  }

  start(): void {
    this.startBalancer();
    for (const server of this.servers) this.startServer(server);
    for (let count = 0; count < this.plan.clients; count += 1) this.addMember();
  }

  // ---- Servers ------------------------------------------------------------------------------------------------------

  startServer(slot: ServerSlot): void {
    if (slot.process?.isAlive) return;
    const process = this.process(slot.host);
    slot.process = process;
    slot.watched = undefined;
    this.counts.restarts += 1;
    this.note(slot.host.name, 'starts');
    void this.runServer(slot, process);
  }

  /** As `kill -9` does it. */
  killServer(slot: ServerSlot): void {
    if (!slot.process?.isAlive) return;
    this.note(slot.host.name, 'is killed');
    this.end(slot, slot.process);
  }

  /** As `killServer`; and its disk is empty. */
  wipeServer(slot: ServerSlot): void {
    this.killServer(slot);
    slot.disk.wipe();
    slot.isForgetful = true;
  }

  /** Whether this server, too, may forget what it promised, or be cut off: never more than f at the same time. */
  mayLose(slot: ServerSlot): boolean {
    if (!this.isEstablished) return false;
    return this.servers.filter((one) => one === slot || this.isLost(one)).length <= this.f;
  }

  /** Whether what it had promised is forgotten, or will be when the damage on its disk is found. */
  isLost(slot: ServerSlot): boolean {
    return slot.isForgetful || slot.disk.isDamaged;
  }

  /** The servers that run. */
  get running(): readonly Watched[] {
    return this.servers.flatMap(({ process, watched }) => (process?.isAlive && watched ? [watched] : []));
  }

  get leader(): ServerSlot | undefined {
    return this.servers.find(({ process, watched }) => process?.isAlive && watched && this.checks.isLeader(watched));
  }

  private async runServer(slot: ServerSlot, process: VirtualProcess): Promise<void> {
    const { config } = this;
    const storage = this.plan.storage === 'memory' ? new MemoryStorage(false) : slot.disk.open(process);
    try {
      const running = await runServer({
        config,
        id: slot.id,
        storage,
        transport: this.transportOf(process),
        machine: process,
        random: seededRandom(randomInt(this.bytes, 0, 2 ** 31)),
        log: this.logOf(slot.host.name),
      });
      const shell = running as unknown as OpenedShell;
      const disk = this.plan.storage === 'memory' ? undefined : slot.disk;
      if (disk?.wrong) this.violate(new Violation('damage', `${slot.host.name} starts though ${disk.wrong}`));
      slot.watched = { id: slot.id, core: shell.core, shell, disk };
      void running.failed.then(({ status, message }) => this.onEnded(slot, process, status, message));
    } catch (error) {
      if (!isDamage(error)) return this.fail(process.host.name, error);
      this.onEnded(slot, process, EXIT.data, error.message);
      await (storage as Storage).close();
    }
  }

  private onEnded(slot: ServerSlot, process: VirtualProcess, status: number, message: string): void {
    this.note(slot.host.name, `ends with ${status}: ${message}`);
    if (status !== EXIT.disk && status !== EXIT.data && status !== EXIT.refused) {
      this.violate(new Violation('no errors', `${slot.host.name} ended with ${status}: ${message}`));
    }
    this.end(slot, process);
    const again = () => {
      if (slot.process !== process) return;
      if (status === EXIT.data) this.repair(slot);
      this.startServer(slot);
    };
    this.agenda.after(randomInt(this.chance, RESTART_MS.least, RESTART_MS.most), again);
  }

  private end(slot: ServerSlot, process: VirtualProcess): void {
    if (slot.watched && this.checks.isRestoring(slot.watched)) this.counts.brokenOff += 1;
    process.kill();
    slot.watched = undefined;
    if (this.plan.storage === 'memory') slot.isForgetful = true;
  }

  /** As `repair` does it (src/cli/repair.ts). */
  private repair(slot: ServerSlot): void {
    const voting = this.running.filter((one) => one.id !== slot.id && this.checks.isVoter(one)).length;
    if (!mayRepair(voting, this.servers.length)) return;
    this.note(slot.host.name, 'puts its disk aside');
    this.counts.repairs += 1;
    this.wipeServer(slot);
  }

  // ---- Balancer, clients --------------------------------------------------------------------------------------------

  startBalancer(): void {
    if (this.balancer?.isAlive) return;
    const process = this.process(this.balancerHost);
    this.balancer = process;
    this.note('balancer', 'starts');
    const { config } = this;
    const options = { config, transport: this.transportOf(process), machine: process, log: this.logOf('balancer') };
    runBalancer(options).catch((error) => this.fail(process.host.name, error));
  }

  get balancerProcess(): VirtualProcess | undefined {
    return this.balancer;
  }

  killBalancer(): void {
    this.note('balancer', 'is killed');
    this.balancer?.kill();
  }

  addMember(): void {
    this.memberCount += 1;
    const name = `c${this.memberCount}`;
    const process = this.process(new Host(name));
    const member = new Member({
      name,
      process,
      signer: person(this.memberCount),
      transport: this.transportOf(process),
      config: this.config,
      nicks: () => this.members.map((one) => one.name),
      taken: () => this.members.filter((one) => one.isWelcome).map((one) => one.name),
      random: streamOf(this.plan.seed, 1000 + this.memberCount),
      nowMs: () => this.agenda.nowMs,
      history: this.memberCount % 3 === 0 ? 10 : 0,
      note: (what) => this.note(name, what),
    });
    this.members.push(member);
  }

  killMember(member: Member): void {
    this.note(member.name, 'is killed');
    member.process.kill();
    this.members.splice(this.members.indexOf(member), 1);
    this.gone.push(member);
  }

  // ---- What everything goes through ---------------------------------------------------------------------------------

  violate(violation: Violation): void {
    this.violation ??= violation;
  }

  note(host: string, text: string): void {
    this.trace.add(this.agenda.nowMs, host, text);
    this.trace.line(this.agenda.nowMs, host, text);
  }

  private transportOf(process: VirtualProcess): Transport {
    return new VirtualTransport(this.network, process, this.config.limits.transport.peerQuestions);
  }

  private process(host: Host): VirtualProcess {
    return new VirtualProcess(host, this.agenda, this.bytes, (process, act) => this.watch(process, act));
  }

  private watch(process: VirtualProcess, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.fail(process.host.name, error);
    }
    this.look(process);
  }

  /** After something happened in a process, and after what followed from it. */
  private look(process: VirtualProcess): void {
    const slot = this.servers.find((one) => one.process === process);
    if (!slot?.watched || !process.isAlive) return;
    try {
      this.checks.after(slot.watched);
    } catch (error) {
      this.fail(process.host.name, error);
    }
    if (slot.isForgetful && this.checks.votesDurably(slot.watched)) slot.isForgetful = false;
    if (!this.isEstablished) {
      const { running } = this;
      this.isEstablished =
        running.length === this.servers.length && running.every((one) => this.checks.votesDurably(one));
    }
  }

  /** Something went wrong in a process, or in whatever this is. */
  fail(where: string, error: unknown): void {
    if (error instanceof Violation) return this.violate(error);
    const check = error instanceof InvariantError ? 'invariant' : 'no errors';
    const { message, stack = '' } = error as Error;
    const calls = stack.split('\n').slice(1, 8).join('\n');
    this.violate(new Violation(check, `${where}: ${message}\n${calls}`));
  }

  private onSent(from: VirtualProcess, to: string, channel: Channel, frames: Frames, fate: 'arrives' | 'lost'): void {
    const { counts, trace, agenda } = this;
    const { name } = from.host;
    counts.messages += 1;
    if (fate === 'lost') counts.lost += 1;
    const payload = frames.at(-1);
    trace.add(agenda.nowMs, name, `${fate} ${channel} ${to}`, frames);
    if (trace.keeps) {
      trace.line(agenda.nowMs, name, `${fate === 'lost' ? '-x' : '->'} ${to}: ${tell(name, to, channel, frames)}`);
    }
    // What all are told is looked at once.
    if ((channel !== 'publish' && channel !== 'answer') || payload === this.lastSaid) return;
    this.lastSaid = payload;
    const slot = this.servers.find((one) => one.process === from);
    if (!slot?.watched || !payload || payload.length === 0) return;
    const envelope = this.codec.decodePeer(payload);
    if (!('bad' in envelope)) this.checkSaid(from, slot.watched, envelope);
  }

  private checkSaid(from: VirtualProcess, watched: Watched, message: Parameters<Checks['said']>[1]): void {
    try {
      this.checks.said(watched, message);
    } catch (error) {
      this.fail(from.host.name, error);
    }
  }

  private logOf(host: string): Logger {
    const line = (text: string) => {
      if (/this server leads/.test(text)) this.counts.elections += 1;
      if (/goes on from the snapshot/.test(text)) this.counts.restored += 1;
      this.trace.line(this.agenda.nowMs, host, text);
    };
    return { debug: line, info: line, warn: line, error: line };
  }
}
