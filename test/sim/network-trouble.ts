/** Faults of the network: what is lost, late, doubled, out of order; who does not reach whom. */
import type { Fault } from './plan';
import { pick, type Scene } from './scene';
import { CHANNELS, type Channel, type Spoil } from './weather';

/** Of what travels at most so much is lost, comes twice, or is overtaken. */
const MOST_SPOILT = 0.3;
const MOST_SLOW = 0.5;
/** What is slow takes up to so long, milliseconds. */
const SLOW_MS = { least: 20, more: 1500 };
/** A way that comes and goes is cut for the first half of each such time, milliseconds. */
const FLAP_MS = 200;
/** A reset closes all connections this often, else one of so many. */
const RESET_ALL_SHARE = 0.3;
const RESET_ONE_OF = 5;

/** The ways in which servers do not reach each other. */
const PARTITIONS = ['alone', 'halves', 'mute', 'deaf', 'pair', 'some', 'flapping'] as const;

export class NetworkTrouble {
  constructor(private readonly scene: Scene) {}

  loseSome(fault: Fault): string {
    const share = MOST_SPOILT * fault.much;
    // Any of them, and at least one.
    const bits = 1 + Math.floor(fault.whom * (2 ** CHANNELS.length - 1));
    const some = CHANNELS.filter((_, at) => bits & (1 << at));
    this.spoil(fault, { loss: Object.fromEntries(some.map((channel) => [channel, share])) });
    return `${share.toFixed(2)} of ${some.join(', ')}`;
  }

  delay(fault: Fault): string {
    const [slow, slowMs] = [MOST_SLOW * fault.how, SLOW_MS.least + SLOW_MS.more * fault.much];
    this.spoil(fault, { slow, slowMs });
    return `${slow.toFixed(2)} by up to ${slowMs.toFixed(0)} ms`;
  }

  repeat(fault: Fault): string {
    const repeats = MOST_SPOILT * fault.much;
    this.spoil(fault, { repeats });
    return repeats.toFixed(2);
  }

  reorder(fault: Fault): string {
    const overtaken = MOST_SPOILT * fault.much;
    this.spoil(fault, { overtaken });
    return overtaken.toFixed(2);
  }

  /** All of one kind from one server, to another or to all others. */
  loseRun(fault: Fault, channel: Channel): string | undefined {
    const { weather, nowMs } = this.scene.cluster;
    const { from, others } = this.sides(fault);
    const one = pick(others, fault.whom);
    if (one === undefined) return undefined;
    const hit = fault.much < 0.5 ? [one] : others;
    for (const other of hit) weather.lose(from, other, channel, nowMs + fault.forMs);
    return `no ${channel} from ${from} to ${hit === others ? 'anybody' : one}`;
  }

  part(fault: Fault): string | undefined {
    const { from, others } = this.sides(fault);
    const other = pick(others, fault.whom);
    if (other === undefined) return undefined;
    const some = subset(others, fault.much);
    switch (PARTITIONS[Math.floor(fault.how * PARTITIONS.length)]) {
      case 'alone':
        // With or without its clients.
        this.apart([from], fault.much < 0.5 ? [...others, 'balancer'] : others, fault);
        return `${from} from all others${fault.much < 0.5 ? ' and the balancer' : ''}`;
      case 'halves':
        this.apart([from, ...others.filter((one) => !some.includes(one))], some, fault);
        return `${some.join(' ')} from the others`;
      case 'mute':
        for (const each of others) this.cut(from, each, fault.forMs);
        return `nobody hears ${from}`;
      case 'deaf':
        for (const each of others) this.cut(each, from, fault.forMs);
        return `${from} hears nobody`;
      case 'some':
        this.apart([from], some, fault);
        return `${from} from ${some.join(' ')}`;
      case 'flapping':
        for (let at = 0; at < fault.forMs; at += FLAP_MS) {
          this.scene.later(at, () => this.apart([from], [other], { forMs: FLAP_MS / 2 }));
        }
        return `${from} from ${other} now and then`;
      default:
        this.apart([from], [other], fault);
        return `${from} from ${other}`;
    }
  }

  reset({ how, whom }: Fault): string | undefined {
    const all = [...this.scene.cluster.network.connections].filter(({ isUp }) => isUp);
    if (all.length === 0) return undefined;
    const first = Math.floor(whom * RESET_ONE_OF);
    const some = how < RESET_ALL_SHARE ? all : all.filter((_, at) => at % RESET_ONE_OF === first);
    for (const connection of some) connection.reset();
    return `${some.length} connections`;
  }

  private spoil({ forMs }: Fault, spoil: Spoil): void {
    const { weather, agenda } = this.scene.cluster;
    agenda.after(forMs, weather.spoil(spoil));
  }

  private sides(fault: Fault): { readonly from: string; readonly others: readonly string[] } {
    const from = this.scene.victim(fault).host.name;
    const names = this.scene.cluster.servers.map(({ host }) => host.name);
    return { from, others: names.filter((name) => name !== from) };
  }

  /** None of the ones reaches any of the others, and the other way round. */
  private apart(ones: readonly string[], others: readonly string[], { forMs }: Pick<Fault, 'forMs'>): void {
    for (const one of ones) {
      for (const other of others) {
        this.cut(one, other, forMs);
        this.cut(other, one, forMs);
      }
    }
  }

  private cut(from: string, to: string, forMs: number): void {
    const { weather, nowMs } = this.scene.cluster;
    weather.cut(from, to, nowMs + forMs);
  }
}

/** Any of them, and at least one. */
function subset<Item>(items: readonly Item[], share: number): readonly Item[] {
  const bits = 1 + Math.floor(share * (2 ** items.length - 1));
  return items.filter((_, at) => bits & (1 << at));
}
