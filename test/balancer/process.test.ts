/** The balancer on real sockets. Nobody is dead by silence here: what is noticed is noticed by closed connections. */
import { type RunningBalancer, runBalancer } from '../../src/balancer/process';
import { OPEN_TO_ALL } from '../../src/chat/people';
import { defaultLimits } from '../../src/config/limits';
import type { ClusterConfig } from '../../src/config/schema';
import { createLogger } from '../../src/lib/log';
import { thisMachine } from '../../src/lib/machine';
import type { TransportLimits } from '../../src/transport/limits';
import type { Dealer, Frames, Transport } from '../../src/transport/transport';
import {
  type Addressee,
  type Attachment,
  type ClientFrame,
  decodeToClient,
  decodeToServer,
  encodeClient,
  encodeServer,
  PROTOCOL_VERSION,
  type ServerFrame,
  type ToClientFrame,
  type ToServerFrame,
} from '../../src/wire/frames';
import { createTestTransport } from '../transport/limits';
import { bytes, freeAddress, text, until } from '../transport/until';

const NEVER_MS = 600_000;
const BEAT_MS = 50;
const NOTHING = bytes('');

type Attached = Extract<ToClientFrame, { readonly type: 'attached' }>;

describe('the balancer on sockets', () => {
  const transports: Transport[] = [];
  const timers: NodeJS.Timeout[] = [];
  const running: RunningBalancer[] = [];
  const logs: string[] = [];
  let config: ClusterConfig;

  const createTransport = (limits: Partial<TransportLimits> = {}) => {
    const transport = createTestTransport(limits);
    transports.push(transport);
    return transport;
  };

  const startBalancer = async (transport = createTransport()) => {
    const log = createLogger('balancer', 'info', (line) => logs.push(line));
    const balancer = await runBalancer({ config, transport, machine: thisMachine, log });
    running.push(balancer);
    return balancer;
  };

  /** A server's end of its connection, which beats, and remembers what it is told. */
  class RawServer {
    readonly told: ToServerFrame[] = [];
    readonly payloads: string[] = [];
    readonly attached = new Set<Attachment>();
    private readonly dealer: Dealer;
    private readonly timer: NodeJS.Timeout;
    private balancer = '';

    constructor(
      readonly id: number,
      readonly instance: string,
    ) {
      this.dealer = createTransport().connectDealer(
        config.balancer.servers,
        (frames) => this.onFrames(frames),
        () => {},
      );
      this.timer = setInterval(() => this.beat(), BEAT_MS);
      timers.push(this.timer);
      this.beat();
    }

    get refused(): string | undefined {
      const last = this.told.at(-1);
      return last?.type === 'refused' ? last.reason : undefined;
    }

    get known(): boolean {
      return this.told.some(({ type }) => type === 'beat');
    }

    send(frame: ServerFrame, payload: Uint8Array = NOTHING): void {
      this.dealer.send([encodeServer(frame), payload]);
    }

    kill(): void {
      clearInterval(this.timer);
      this.dealer.close();
    }

    private beat(): void {
      const { id: server, instance } = this;
      const state = { serving: true, majority: true, established: true, clients: this.attached.size };
      this.send({ type: 'beat', version: PROTOCOL_VERSION, cluster: config.cluster, server, instance, ...state });
    }

    private onFrames([route, payload]: Frames): void {
      const frame = decodeToServer(route as Uint8Array) as ToServerFrame;
      this.told.push(frame);
      if (frame.type === 'data') this.payloads.push(`${frame.attachment} ${text(payload)}`);
      else if (frame.type === 'attach') this.attached.add(frame.attachment);
      else if (frame.type === 'gone') this.attached.delete(frame.attachment);
      else if (frame.type === 'beat' && frame.instance !== this.balancer) {
        if (this.balancer !== '') this.attached.clear();
        this.balancer = frame.instance;
      }
    }
  }

  /** A client's end: says hello whenever it connects, with the server that it had. */
  class RawClient {
    readonly told: ToClientFrame[] = [];
    readonly payloads: string[] = [];
    attached: Attached | undefined;
    private readonly dealer: Dealer;
    /** While it is set, nothing is read. */
    private busy: Promise<void> | undefined;
    private goOn = () => {};

    constructor(limits: Partial<TransportLimits> = {}) {
      this.dealer = createTransport(limits).connectDealer(
        config.balancer.clients,
        (frames) => {
          this.onFrames(frames);
          return this.busy;
        },
        (state) => {
          if (state === 'up') this.hello();
        },
      );
    }

    get server(): number {
      return this.attached?.server ?? 0;
    }

    send(frame: ClientFrame, payload: Uint8Array = NOTHING): void {
      this.dealer.send([encodeClient(frame), payload]);
    }

    stopReading(): void {
      this.busy = new Promise((resolve) => {
        this.goOn = resolve;
      });
    }

    readAgain(): void {
      this.busy = undefined;
      this.goOn();
    }

    kill(): void {
      this.dealer.close();
    }

    private hello(): void {
      this.send({ type: 'hello', version: PROTOCOL_VERSION, cluster: '', previous: this.server });
    }

    private onFrames([route, payload]: Frames): void {
      const frame = decodeToClient(route as Uint8Array) as ToClientFrame;
      this.told.push(frame);
      if (frame.type === 'attached') this.attached = frame;
      else if (frame.type === 'check') this.send({ type: 'ping', attachment: 0, token: frame.token });
      else if (frame.type === 'data') this.payloads.push(`${frame.number} ${text(payload)}`);
    }
  }

  const startServers = async () => {
    const servers = [1, 2, 3].map((id) => new RawServer(id, `${id}`.repeat(16)));
    await until('all are known', () => servers.every(({ known }) => known));
    return servers as [RawServer, RawServer, RawServer];
  };
  /** One after the other, so that who gets which server is known. */
  const joinMany = async (count: number) => {
    const clients: RawClient[] = [];
    for (let index = 0; index < count; index += 1) {
      const client = new RawClient();
      await until('it has a server', () => client.server !== 0);
      clients.push(client);
    }
    return clients;
  };
  const serversOf = (clients: readonly RawClient[]) => clients.map(({ server }) => server);

  beforeEach(async () => {
    const limits = defaultLimits();
    config = {
      file: 'none',
      cluster: 'test',
      servers: [1, 2, 3].map((id) => ({ id, pub: '', rep: '', dataDir: '' })),
      balancer: { clients: await freeAddress(), servers: await freeAddress() },
      storage: 'memory',
      keys: '',
      access: OPEN_TO_ALL,
      timeouts: { heartbeatMs: 1, electionTimeoutMs: 1, retransmitMs: 1, questionTimeoutMs: 1, deadAfterMs: NEVER_MS },
      limits: {
        ...limits,
        balancer: {
          ...limits.balancer,
          deadAfterMs: NEVER_MS,
          clientDeadAfterMs: NEVER_MS,
          drainAfterMs: NEVER_MS,
          clients: 100,
        },
      },
    };
    logs.length = 0;
  });

  afterEach(async () => {
    for (const timer of timers.splice(0)) clearInterval(timer);
    await Promise.all(running.splice(0).map((balancer) => balancer.close()));
    await Promise.all(transports.splice(0).map((transport) => transport.close()));
  });

  test('tells who comes early how many servers are there, and spreads them when all are', async () => {
    await startBalancer();
    const early = new RawClient();
    await until('it waits', () => early.told.length > 0);
    expect(early.told[0]).toEqual({ type: 'wait', reason: 'starting', connected: 0, needed: 3 });
    await startServers();
    await until('it has a server', () => early.server !== 0);
    const clients = [early, ...(await joinMany(5))];
    expect(serversOf(clients)).toEqual([1, 2, 3, 1, 2, 3]);
  });

  test('answers also who came before the servers could connect', async () => {
    const transport = createTransport();
    const bindRouter = transport.bindRouter.bind(transport);
    let heard = false;
    transport.bindRouter = async (address, handlers) => {
      if (address === config.balancer.servers) await until('the client was heard', () => heard);
      return bindRouter(address, {
        ...handlers,
        onMessage: (peer, frames) => {
          handlers.onMessage(peer, frames);
          heard = true;
        },
      });
    };
    const client = new RawClient();
    await startBalancer(transport);
    await until('it is answered', () => client.told.length > 0);
    expect(client.told[0]).toEqual({ type: 'wait', reason: 'starting', connected: 0, needed: 3 });
  });

  test('drops what is not two frames, or is no frame, and says so', async () => {
    await startBalancer();
    const answers: (ToClientFrame | undefined)[] = [];
    const stranger = createTransport().connectDealer(
      config.balancer.clients,
      ([route]) => void answers.push(decodeToClient(route as Uint8Array)),
      () => {},
    );
    const hello = encodeClient({ type: 'hello', version: PROTOCOL_VERSION, cluster: '', previous: 0 });
    for (const frames of [[hello], [hello, NOTHING, NOTHING], [bytes('junk'), NOTHING]]) stranger.send(frames);
    stranger.send([encodeClient({ type: 'info-request' }), NOTHING]);
    await until('the last one is answered', () => answers.length > 0);
    expect(answers).toMatchObject([{ type: 'info', info: { clients: 0 } }]);
    expect(logs.slice(1)).toEqual(['balancer warn: dropped an undecodable frame of a client\n']);
  });

  test('passes payloads on, to servers and to all whom they are for', async () => {
    await startBalancer();
    const [one] = await startServers();
    const clients = (await joinMany(4)).filter(({ server }) => server === 1);
    const to: Addressee[] = clients.map(({ attached }, index) => ({
      attachment: attached?.attachment ?? 0,
      number: index + 7,
    }));
    clients[0]?.send({ type: 'data', attachment: to[0]?.attachment ?? 0 }, bytes('up'));
    await until('the server has it', () => one.payloads.length > 0);
    expect(one.payloads).toEqual([`${to[0]?.attachment} up`]);
    one.send({ type: 'data', to }, bytes('down'));
    await until('both have it', () => clients.every(({ payloads }) => payloads.length > 0));
    expect(clients.map(({ payloads }) => payloads)).toEqual([['7 down'], ['8 down']]);
  });

  test('moves the clients of a server that died at once; back, it gets the next ones', async () => {
    await startBalancer();
    const [, two] = await startServers();
    const clients = await joinMany(6);
    two.kill();
    await until('they are moved', () => !serversOf(clients).includes(2));
    expect(serversOf(clients)).toEqual([1, 1, 3, 1, 3, 3]);
    expect(clients[1]?.attached?.reason).toBe('lost');
    expect(logs).toContain('balancer warn: server 2 closed its connection\n');
    const back = new RawServer(2, 'b'.repeat(16));
    await until('it is back', () => back.known);
    expect(serversOf(await joinMany(3))).toEqual([2, 2, 2]);
  });

  test('refuses an unknown id and the id of a living server, but not one that was restarted quickly', async () => {
    await startBalancer();
    const [one, two] = await startServers();
    const unknown = new RawServer(9, '9'.repeat(16));
    const second = new RawServer(1, 'a'.repeat(16));
    await until('both are refused', () => unknown.refused !== undefined && second.refused !== undefined);
    expect([unknown.refused, second.refused]).toEqual(['unknown-server', 'duplicate-server']);
    expect(one.told.some(({ type }) => type === 'refused')).toBe(false);
    two.kill();
    const restarted = new RawServer(2, 'b'.repeat(16));
    await until('it is known', () => restarted.known);
    expect(restarted.told.some(({ type }) => type === 'refused')).toBe(false);
  });

  test('notices the closed connection of a client, and tells its server', async () => {
    await startBalancer();
    const servers = await startServers();
    const [first, second, third] = await joinMany(3);
    second?.kill();
    await until('its server is told', () => servers[1].told.some(({ type }) => type === 'gone'));
    expect(servers[1].attached.size).toBe(0);
    expect([servers[0].attached, servers[2].attached]).toEqual(
      [first, third].map((client) => new Set([client?.attached?.attachment])),
    );
  });

  test('voids the attachment of a client that does not read, and gives it a fresh one when it does', async () => {
    await startBalancer(createTransport({ sendHighWaterMark: 5 }));
    const [one] = await startServers();
    const client = new RawClient({ receiveHighWaterMark: 1 });
    await until('it has a server', () => client.server === 1);
    const attachment = client.attached?.attachment ?? 0;
    client.stopReading();
    const payload = Buffer.alloc(90_000);
    let number = 0;
    const filling = setInterval(() => {
      number += 1;
      one.send({ type: 'data', to: [{ attachment, number }] }, payload);
    }, 2);
    timers.push(filling);
    await until('it is void', () => one.told.some((frame) => frame.type === 'gone' && frame.attachment === attachment));
    clearInterval(filling);
    client.readAgain();
    await until('it has a fresh one', () => client.attached?.attachment !== attachment);
    expect(client.attached).toMatchObject({ server: 1, reason: 'lagged' });
  });

  test('restarted, leaves everyone where it was', async () => {
    const balancer = await startBalancer();
    const servers = await startServers();
    const clients = await joinMany(6);
    const attachments = clients.map(({ attached }) => attached?.attachment);
    await balancer.close();
    await startBalancer();
    await until('all have new attachments', () =>
      clients.every(({ attached }, index) => attached?.attachment !== attachments[index]),
    );
    expect(serversOf(clients)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(clients.every(({ attached }) => attached?.reason === 'balancer-restarted')).toBe(true);
    const attachmentsOf = (id: number) =>
      clients.flatMap(({ attached }) => (attached?.server === id ? [attached] : []));
    await until('each server has its clients, and no others', () =>
      servers.every(({ id, attached }) => {
        const theirs = attachmentsOf(id);
        return attached.size === theirs.length && theirs.every(({ attachment }) => attached.has(attachment));
      }),
    );
  });
});
