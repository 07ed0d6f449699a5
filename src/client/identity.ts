/** Who a session is: whose, the bytes that its id follows from, and what a server made of it. */
import type { SessionId } from '../chat/commands';
import type { Signer } from '../lib/signer';
import type { ClientRequest, ServerMessage } from '../wire/client';
import { proofOf, sessionOf } from '../wire/proof';
import type { Kept } from './kept';

export interface IdentityOptions {
  /** Whose it is. */
  readonly signer: Signer;
  /** Random bytes each time: the session's id follows from these and the key. */
  readonly newSalt: () => Uint8Array;
  /** Whether another session of the same person is to give the nick up, though it is online. */
  readonly reclaim: boolean;
  /** The public key of the balancer that it reaches, in Z85; '' where nobody has keys. It may change. */
  readonly balancerKey: () => string;
}

export class Identity {
  private saltBytes: Uint8Array;
  private sessionId: SessionId;
  private birthId: string;
  private reclaims: boolean;

  /**
   * @param nick what it wants to be called, then what it is called
   * @param kept of the session to go on with
   */
  constructor(
    public nick: string,
    private readonly options: IdentityOptions,
    kept?: Pick<Kept, 'salt' | 'birth'>,
  ) {
    this.saltBytes = kept?.salt ?? options.newSalt();
    this.sessionId = sessionOf(options.signer.key, this.saltBytes);
    this.birthId = kept?.birth ?? '';
    this.reclaims = options.reclaim;
  }

  /** The bytes that the session's id follows from. */
  get salt(): Uint8Array {
    return this.saltBytes;
  }

  /** Of the log that has this session; '' until a server has welcomed it. */
  get birth(): string {
    return this.birthId;
  }

  /** What is said of another one is about who this was before. */
  get session(): SessionId {
    return this.sessionId;
  }

  /** Whether a server has welcomed this session. */
  get isWelcome(): boolean {
    return this.birthId !== '';
  }

  /** Asks the server that gave this nonce to be this session. @param position the last one seen */
  open(nonce: Uint8Array, cluster: string, position: number): ClientRequest {
    const { salt, nick, session, birth, isWelcome: resume, reclaims: reclaim } = this;
    const { signer, balancerKey } = this.options;
    const signature = proofOf(signer, { nonce, balancer: balancerKey(), cluster, session });
    return { type: 'open', key: signer.key, salt, signature, nick, reclaim, position, birth, resume };
  }

  onWelcome({ birth, nick }: Extract<ServerMessage, { readonly type: 'welcome' }>): void {
    this.birthId = birth;
    this.nick = nick;
  }

  /**
   * From here on it is another session, of the same nick.
   * @param reclaim the nick is taken from the one before, though it is online
   */
  renew(reclaim: boolean): void {
    this.saltBytes = this.options.newSalt();
    this.sessionId = sessionOf(this.options.signer.key, this.saltBytes);
    this.birthId = '';
    this.reclaims = reclaim || this.options.reclaim;
  }
}
