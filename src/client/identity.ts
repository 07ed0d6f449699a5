/** Who a session is: whose, the bytes that its id follows from, and what a server made of it. */
import type { SessionId } from '../chat/commands';
import type { Signer } from '../lib/signer';
import type { ClientRequest, ServerMessage } from '../wire/client';
import { proofOf, sessionOf } from '../wire/proof';

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
  private salt: Uint8Array;
  private sessionId: SessionId;
  private welcomed = false;
  /** Of the log that was seen last. */
  private birth = '';

  /** @param nick what it wants to be called, then what it is called */
  constructor(
    public nick: string,
    private readonly options: IdentityOptions,
  ) {
    this.salt = options.newSalt();
    this.sessionId = sessionOf(options.signer.key, this.salt);
  }

  /** What is said of another one is about who this was before. */
  get session(): SessionId {
    return this.sessionId;
  }

  /** Whether a server has welcomed this session. */
  get isWelcome(): boolean {
    return this.welcomed;
  }

  /** Asks the server that gave this nonce to be this session. @param position the last one seen */
  open(nonce: Uint8Array, cluster: string, position: number): ClientRequest {
    const { salt, nick, session, isWelcome: resume } = this;
    const { signer, reclaim, balancerKey } = this.options;
    const signature = proofOf(signer, { nonce, balancer: balancerKey(), cluster, session });
    const birth = resume ? this.birth : '';
    return { type: 'open', key: signer.key, salt, signature, nick, reclaim, position, birth, resume };
  }

  onWelcome({ birth, nick }: Extract<ServerMessage, { readonly type: 'welcome' }>): void {
    this.welcomed = true;
    this.birth = birth;
    this.nick = nick;
  }

  /** From here on it is another session, of the same nick. */
  renew(): void {
    this.salt = this.options.newSalt();
    this.sessionId = sessionOf(this.options.signer.key, this.salt);
    this.welcomed = false;
  }
}
