/** The address of somebody else: whoever belongs to the cluster and connects to it there is met by a Speaker. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { OwnKeys } from './curve';
import { type Place, Speaker } from './speaker';

/** How long it may take until somebody comes, milliseconds. */
const COMES_MS = 10_000;

type Manner = readonly [socketType: string, identity: Uint8Array];

export class Lure {
  /** Whoever was let in last. */
  guest: Speaker | undefined;
  private readonly sockets = new Set<Socket>();
  private manner: Manner;
  private onBare: ((speaker: Speaker) => void) | undefined;
  private onGuest: ((speaker: Speaker) => void) | undefined;
  private through: Place | undefined;
  private readonly server: Server;

  private constructor(
    readonly socketType: string,
    private readonly keys: OwnKeys,
  ) {
    this.manner = [socketType, Buffer.alloc(0)];
    this.server = createServer((socket) => this.onConnection(socket));
  }

  static open({ host, port }: Place, socketType: string, keys: OwnKeys): Promise<Lure> {
    const lure = new Lure(socketType, keys);
    return new Promise((resolve, reject) => {
      lure.server.once('error', reject);
      lure.server.listen(port, host, () => resolve(lure));
    });
  }

  /** Ends the connections that there are, and meets who comes next without a word. */
  async bare(): Promise<Speaker> {
    const speaker = await this.next((resolve) => {
      this.onBare = resolve;
    });
    this.onBare = undefined;
    if (!speaker) throw new Error('nobody comes any more');
    return speaker;
  }

  /** The same, through the handshake; undefined: who comes does not want it. */
  async admit(socketType = this.socketType, identity: Uint8Array = Buffer.alloc(0)): Promise<Speaker | undefined> {
    this.manner = [socketType, identity];
    const speaker = await this.next((resolve) => {
      this.onGuest = resolve;
    });
    this.onGuest = undefined;
    this.manner = [this.socketType, Buffer.alloc(0)];
    return speaker;
  }

  /** Somebody is here, and through the handshake. */
  async settled(): Promise<void> {
    if (this.guest?.closed !== false) await this.admit();
    if (this.guest?.closed !== false) throw new Error('nobody comes any more');
  }

  /** From now on those who come reach the one whose address it is. */
  forward(place: Place): void {
    this.through = place;
    this.endAll();
  }

  close(): void {
    this.server.close();
    this.endAll();
  }

  private next(expect: (onCome: (speaker: Speaker) => void) => void): Promise<Speaker | undefined> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(undefined), COMES_MS);
      expect((speaker) => {
        clearTimeout(timer);
        resolve(speaker);
      });
      this.endAll();
    });
  }

  private endAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private onConnection(socket: Socket): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
    socket.on('error', () => {});
    if (this.through) {
      const there = connect(this.through);
      there.on('error', () => socket.destroy());
      there.on('close', () => socket.destroy());
      socket.once('close', () => there.destroy());
      socket.pipe(there).pipe(socket);
      return;
    }
    const speaker = Speaker.met(socket);
    if (this.onBare) {
      this.onBare(speaker);
      this.onBare = undefined;
      return;
    }
    void speaker.admits(...this.manner, this.keys).then((through) => {
      if (!through || speaker.closed) return speaker.end();
      this.guest = speaker;
      this.onGuest?.(speaker);
    });
  }
}
