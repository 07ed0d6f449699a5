/**
 * Sessions under random faults: lost frames, lost commands, moves, a balancer that forgets everybody. Whatever happens,
 * each acknowledged post is said once, each transcript is in order without a gap, and in the end all is acknowledged.
 */
import fc from 'fast-check';
import type { SessionEffect } from '../../src/client/effects';
import type { AckEvent, ClientEvent, ErrorEvent, MessageEvent } from '../../src/client/events';
import { ClientSession } from '../../src/client/session';
import { type Random, randomInt, seededRandom } from '../../src/lib/prng';
import { person, salt } from '../people';
import { ModelCluster } from './model';
import { LIMITS } from './script';

const CLIENTS = 3;
const ROOMS = ['lobby', 'attic'];
const STEPS = 600;
/** Far more than what the slowest repeat needs. */
const QUIET_MS = 600_000;

interface World {
  readonly cluster: ModelCluster;
  readonly clients: readonly TestClient[];
}

class TestClient {
  readonly events: ClientEvent[] = [];
  readonly posted: string[] = [];
  private readonly session: ClientSession;
  private readonly rooms: readonly string[];

  constructor(
    readonly number: number,
    private readonly cluster: ModelCluster,
    random: Random,
  ) {
    let salts = 0;
    const newSalt = () => {
      salts += 1;
      return salt(salts);
    };
    const history = number; // Not all ask for earlier lines.
    const nick = `client${number}`;
    this.session = new ClientSession({
      cluster: '',
      nick,
      signer: person(number),
      newSalt,
      reclaim: false,
      balancerKey: () => '',
      random,
      limits: { ...LIMITS, queue: 10_000 },
      history,
    });
    this.perform(this.session.onSocket('up', 0));
    this.perform(this.session.start(0));
    this.rooms = number === 0 ? ROOMS.slice(0, 1) : ROOMS;
    for (const room of this.rooms) this.perform(this.session.post({ type: 'join', room }, '', 0));
  }

  get isDone(): boolean {
    return this.session.unconfirmed === 0 && this.session.unanswered === 0;
  }

  post(random: Random, now: number): void {
    for (let count = randomInt(random, 1, 4); count > 0; count -= 1) {
      const room = this.rooms[randomInt(random, 0, this.rooms.length)] as string;
      const id = `${this.number}/${this.posted.length + 1}`;
      this.posted.push(id);
      this.perform(this.session.post({ type: 'say', room, text: id, action: false }, id, now));
    }
    this.perform(this.session.flush(now));
  }

  hear(now: number): void {
    const heard = this.cluster.next(this.number);
    if (heard) this.perform(this.session.onFrame(heard.frame, heard.message, now));
  }

  tick(now: number): void {
    this.perform(this.session.tick(now));
  }

  socket(state: 'up' | 'down', now: number): void {
    this.perform(this.session.onSocket(state, now));
  }

  eventsOf<Event extends ClientEvent>(type: Event['type']): readonly Event[] {
    return this.events.filter((event): event is Event => event.type === type);
  }

  private perform(effects: readonly SessionEffect[]): void {
    for (const effect of effects) {
      if (effect.type === 'event') this.events.push(effect.event);
      else if (effect.type === 'send') this.cluster.send(this.number, effect);
    }
  }
}

/** Lets random things happen, then lets everything come to rest. */
function run(seed: number, losses: number, expires: boolean): World {
  const random = seededRandom(seed);
  const cluster = new ModelCluster(CLIENTS, random);
  const clients = Array.from({ length: CLIENTS }, (_, number) => new TestClient(number, cluster, random));
  let now = 0;
  cluster.losses = losses;
  for (let step = 0; step < STEPS; step += 1) {
    const number = randomInt(random, 0, CLIENTS);
    const client = clients[number] as TestClient;
    now += randomInt(random, 0, 100);
    const dice = randomInt(random, 0, 1000);
    if (dice < 300) cluster.arrive(number);
    else if (dice < 600) client.hear(now);
    else if (dice < 800) cluster.commit();
    else if (dice < 900) client.post(random, now);
    else if (dice < 970) for (const each of clients) each.tick(now);
    else if (dice < 980) cluster.attach(number);
    else if (dice < 984) cluster.wait(number);
    else if (dice < 988) client.socket('down', now);
    else if (dice < 994) client.socket('up', now);
    else if (dice < 997) cluster.restartBalancer();
    else if (expires) cluster.expire(number);
  }
  cluster.losses = 0;
  for (const client of clients) client.socket('up', now);
  const end = now + QUIET_MS;
  for (; now < end && !(cluster.quiet && clients.every(({ isDone }) => isDone)); now += 100)
    settle(cluster, clients, now);
  // What was lost last shows by its acknowledgement, a while later.
  for (const rest = now + 60_000; now < rest; now += 100) settle(cluster, clients, now);
  return { cluster, clients };
}

function settle(cluster: ModelCluster, clients: readonly TestClient[], now: number): void {
  clients.forEach((client, number) => {
    client.tick(now);
    for (let frames = 0; frames < 20; frames += 1) {
      cluster.arrive(number);
      cluster.commit();
      client.hear(now);
    }
  });
  cluster.serveAll();
}

/** Each line once, in order of position, each room's without a gap. */
function checkTranscript(client: TestClient, { events }: ModelCluster): void {
  const said = new Map(events.map((event) => [event.position, event]));
  let last = 0;
  const indexes = new Map<string, number>();
  for (const line of client.eventsOf<MessageEvent>('message')) {
    const index = indexes.get(line.room);
    if (index !== undefined) expect([line.room, line.index]).toEqual([line.room, index + 1]);
    indexes.set(line.room, line.index);
    if (!line.earlier) {
      expect(line.position).toBeGreaterThan(last);
      last = line.position;
    }
    expect(said.get(line.position)).toMatchObject({ text: line.text, room: line.room, index: line.index });
  }
}

function countsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

test('whatever is lost: each post is said once, in order, and acknowledged; each transcript has no hole', () => {
  fc.assert(
    fc.property(fc.integer(), fc.constantFrom(0, 5, 30), (seed, losses) => {
      const { cluster, clients } = run(seed, losses, false);
      for (const client of clients) {
        expect(client.eventsOf<ErrorEvent>('error')).toEqual([]);
        // One that was lost comes later than those after it.
        const acks = client.eventsOf<AckEvent>('ack').toSorted((a, b) => a.seq - b.seq);
        expect(acks.map(({ id }) => id)).toEqual(client.posted);
        const own = client.eventsOf<MessageEvent>('message').filter(({ nick }) => nick === `client${client.number}`);
        expect(own.map(({ text, position }) => [text, position])).toEqual(
          acks.map(({ id, position }) => [id, position]),
        );
        checkTranscript(client, cluster);
      }
      const said = countsOf(cluster.events.filter(({ kind }) => kind === 'message').map(({ text }) => text));
      expect([...said.values()].every((count) => count === 1)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('sessions that end by themselves: what is acknowledged is said once, the rest at most once, and told', () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { cluster, clients } = run(seed, 5, true);
      const said = countsOf(cluster.events.filter(({ kind }) => kind === 'message').map(({ text }) => text));
      for (const client of clients) {
        const acked = client.eventsOf<AckEvent>('ack').map(({ id }) => id);
        const failed = client.eventsOf<ErrorEvent>('error').flatMap(({ id }) => (id === undefined ? [] : [id]));
        expect([...acked, ...failed].sort()).toEqual([...client.posted].sort());
        expect(acked.map((id) => [id, said.get(id)])).toEqual(acked.map((id) => [id, 1]));
        for (const id of failed) expect(said.get(id) ?? 0).toBeLessThanOrEqual(1);
        checkTranscript(client, cluster);
      }
    }),
    // The example: a welcome of the session that had ended was taken for the new one's.
    { numRuns: 200, examples: [[-663993831]] },
  );
});
