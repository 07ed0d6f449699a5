/** Who a session is: the secret that only it has, and what a server made of it. */
import type { SessionId } from '../chat/commands';
import type { ClientRequest, ServerMessage } from '../wire/client';
import { sessionOf } from '../wire/secret';

export class Identity {
  private secret: Uint8Array;
  private sessionId: SessionId;
  private welcomed = false;
  /** Of the log that was seen last. */
  private birth = '';

  /**
   * @param nick what it wants to be called, then what it is called
   * @param newSecret 16 random bytes each time
   */
  constructor(
    public nick: string,
    private readonly newSecret: () => Uint8Array,
  ) {
    this.secret = newSecret();
    this.sessionId = sessionOf(this.secret);
  }

  /** What is said of another one is about who this was before. */
  get session(): SessionId {
    return this.sessionId;
  }

  /** Whether a server has welcomed this secret. */
  get isWelcome(): boolean {
    return this.welcomed;
  }

  /** Asks a server to be this session. @param position the last one seen */
  open(position: number): ClientRequest {
    const { secret, nick, isWelcome: resume } = this;
    return { type: 'open', secret, nick, position, birth: resume ? this.birth : '', resume };
  }

  onWelcome({ birth, nick }: Extract<ServerMessage, { readonly type: 'welcome' }>): void {
    this.welcomed = true;
    this.birth = birth;
    this.nick = nick;
  }

  /** From here on it is another session, of the same nick. */
  renew(): void {
    this.secret = this.newSecret();
    this.sessionId = sessionOf(this.secret);
    this.welcomed = false;
  }
}
