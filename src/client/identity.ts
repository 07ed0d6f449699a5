/** Who a session is: the secret that only it has, and what a server made of it. */
import type { SessionId } from '../chat/commands';
import type { ClientRequest, ServerMessage } from '../wire/client';

export class Identity {
  private secret: Uint8Array;
  private sessionId: SessionId = '';
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
  }

  /** '' until a server has welcomed this secret. */
  get session(): SessionId {
    return this.sessionId;
  }

  get isWelcome(): boolean {
    return this.sessionId !== '';
  }

  /** Asks a server to be this session. @param position the last one seen */
  open(position: number): ClientRequest {
    const { secret, nick, isWelcome: resume } = this;
    return { type: 'open', secret, nick, position, birth: resume ? this.birth : '', resume };
  }

  onWelcome({ session, birth, nick }: Extract<ServerMessage, { readonly type: 'welcome' }>): void {
    this.sessionId = session;
    this.birth = birth;
    this.nick = nick;
  }

  /** From here on it is another session, of the same nick. */
  renew(): void {
    this.secret = this.newSecret();
    this.sessionId = '';
  }
}
