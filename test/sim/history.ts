/**
 * Whether what clients did and saw is a total-order broadcast: one order of all lines, each line in it at most once, the
 * acknowledged ones in it for certain, everybody's view a part of it without a gap. Knows nothing of how the lines came
 * about: only what clients were told.
 *
 * (Defago, Schiper, Urban: Total Order Broadcast and Multicast Algorithms, 2004; with the order of real time on top: what
 * was acknowledged before another line was posted comes before it.)
 */

/** A line that a client posted. */
export interface Posted {
  readonly client: string;
  /** The client's session, and the place among what it posted. */
  readonly session: string;
  readonly number: number;
  readonly room: string;
  /** No two posts have the same. */
  readonly text: string;
  readonly atMs: number;
  acked?: { readonly atMs: number; readonly position: number };
  /** The client was told that nothing came of it. */
  refused?: true;
}

/** A line that a client was shown. */
export interface Shown {
  readonly position: number;
  readonly room: string;
  readonly index: number;
  readonly text: string;
  /** From before the client joined the room. */
  readonly earlier: boolean;
}

/** Lines of a room that a client asked for. */
export interface Page {
  readonly room: string;
  readonly lines: readonly Shown[];
  /** There are still earlier ones. */
  readonly more: boolean;
}

/** All that a client, whose nick is its name, was shown, in order. */
export interface Transcript {
  readonly client: string;
  readonly shown: readonly Shown[];
  readonly pages: readonly Page[];
  /** How many lines each room had when it joined. */
  readonly joined: ReadonlyMap<string, number>;
  /** It stayed to the end. */
  readonly isHere: boolean;
  /** The rooms that it never left once it had joined, and that it saw the end of. */
  readonly complete: readonly string[];
}

export interface History {
  readonly posts: readonly Posted[];
  readonly transcripts: readonly Transcript[];
}

/** What is wrong with it, a line each; empty: nothing. */
export function checkHistory({ posts, transcripts }: History): readonly string[] {
  const wrong: string[] = [];
  const byText = new Map(posts.map((post) => [post.text, post]));
  const order = new Map<number, Shown>();
  for (const transcript of transcripts) {
    checkOrder(transcript, wrong);
    for (const line of transcript.shown) checkLine(transcript.client, line, byText, order, wrong);
    for (const page of transcript.pages) {
      checkPage(transcript.client, page, wrong);
      for (const line of page.lines) checkLine(transcript.client, line, byText, order, wrong);
    }
  }
  checkOnce(order, wrong);
  checkAcks(posts, order, transcripts, wrong);
  checkSessions(posts, order, wrong);
  checkTime(posts, wrong);
  checkComplete(transcripts, order, wrong);
  checkDirects(posts, transcripts, wrong);
  return wrong;
}

/** Positions only grow, and of each room no index is left out, from the first one after it joined on. */
function checkOrder({ client, shown, joined }: Transcript, wrong: string[]): void {
  let last = 0;
  const indexes = new Map<string, number>();
  for (const { position, room, index, earlier } of shown) {
    if (!earlier && position <= last) wrong.push(`${client} went back from position ${last} to ${position}`);
    if (!earlier) last = position;
    // Of what was before it joined it has as much as it asked for; a conversation it has from the first line on.
    const before = indexes.get(room) ?? (earlier ? index - 1 : isDirect(room) ? 0 : joined.get(room));
    if (before === undefined) wrong.push(`${client} saw index ${index} of ${room}, where it had not come`);
    else if (index !== before + 1) wrong.push(`${client} saw index ${index} of ${room} after ${before}`);
    indexes.set(room, index);
  }
}

/** Neighbours, and nothing before them when it says so. */
function checkPage(client: string, { room, lines, more }: Page, wrong: string[]): void {
  for (const [at, { index }] of lines.entries()) {
    const before = at > 0 ? lines[at - 1]?.index : more ? undefined : 0;
    if (before !== undefined && index !== before + 1) {
      wrong.push(`a page of ${client} has index ${index} of ${room} after ${before}`);
    }
  }
}

/** What is shown was posted there, and is the same for everybody. */
function checkLine(
  client: string,
  line: Shown,
  byText: ReadonlyMap<string, Posted>,
  order: Map<number, Shown>,
  wrong: string[],
): void {
  const post = byText.get(line.text);
  if (!post) wrong.push(`${client} saw ${line.text}, which nobody posted`);
  else if (post.refused) wrong.push(`${client} saw ${line.text}, which was refused`);
  else if (line.room !== roomFor(client, post)) {
    wrong.push(`${client} saw ${line.text} in ${line.room}, it was posted in ${post.room} by ${post.client}`);
  }
  const known = order.get(line.position);
  if (!known) order.set(line.position, line);
  else if (known.text !== line.text || (known.index !== line.index && known.room === line.room)) {
    wrong.push(`position ${line.position} is ${known.text} for one and ${line.text} for ${client}`);
  }
}

/** Where a client has to see a post; undefined: nowhere, for it is between two others. */
function roomFor(client: string, post: Posted): string | undefined {
  if (!isDirect(post.room) || post.client === client) return post.room;
  return post.room === `@${client}` ? `@${post.client}` : undefined;
}

function isDirect(room: string): boolean {
  return room.startsWith('@');
}

/** What was said to one person has been seen by both, if they stayed. */
function checkDirects(posts: readonly Posted[], transcripts: readonly Transcript[], wrong: string[]): void {
  const directs = posts.filter(({ room, acked }) => acked && isDirect(room));
  for (const { client, shown, isHere } of transcripts) {
    if (!isHere) continue;
    const texts = new Set(shown.map(({ text }) => text));
    for (const post of directs) {
      if (roomFor(client, post) === undefined || texts.has(post.text)) continue;
      wrong.push(`${client} never saw ${post.text}, which ${post.client} said to ${post.room}`);
    }
  }
}

function checkOnce(order: ReadonlyMap<number, Shown>, wrong: string[]): void {
  const positions = new Map<string, number>();
  for (const [position, { text }] of order) {
    const before = positions.get(text);
    if (before !== undefined) wrong.push(`${text} is at position ${before} and at ${position}`);
    positions.set(text, position);
  }
}

/** What was acknowledged is where it was said to be, for all who see that far. */
function checkAcks(
  posts: readonly Posted[],
  order: ReadonlyMap<number, Shown>,
  transcripts: readonly Transcript[],
  wrong: string[],
): void {
  /** From which position on somebody saw everything of a room. */
  const seenFrom = new Map<string, number>();
  for (const { shown, complete } of transcripts) {
    for (const room of complete) {
      const first = shown.find((line) => line.room === room)?.position;
      if (first !== undefined) seenFrom.set(room, Math.min(first, seenFrom.get(room) ?? first));
    }
  }
  for (const { text, acked, room } of posts) {
    if (!acked) continue;
    const line = order.get(acked.position);
    if (line && line.text !== text) wrong.push(`${text} was acknowledged at ${acked.position}, where ${line.text} is`);
    const isSeen = acked.position >= (seenFrom.get(room) ?? Number.POSITIVE_INFINITY);
    if (!line && isSeen) wrong.push(`${text} was acknowledged at ${acked.position}, and nobody saw it`);
  }
}

/** Posts of one session keep their order. */
function checkSessions(posts: readonly Posted[], order: ReadonlyMap<number, Shown>, wrong: string[]): void {
  const positions = new Map([...order].map(([position, { text }]) => [text, position]));
  const last = new Map<string, { readonly number: number; readonly position: number }>();
  for (const post of [...posts].sort((a, b) => a.number - b.number)) {
    const position = positions.get(post.text);
    if (position === undefined) continue;
    const before = last.get(post.session);
    if (before && before.position > position) {
      wrong.push(`post ${post.number} of ${post.client} came before its post ${before.number}`);
    }
    last.set(post.session, { number: post.number, position });
  }
}

/** What was posted after another line had been acknowledged comes after it. */
function checkTime(posts: readonly Posted[], wrong: string[]): void {
  const acked = posts.flatMap(({ text, atMs, acked: ack }) => (ack ? [{ text, atMs, ack }] : []));
  const byAck = [...acked].sort((a, b) => a.ack.atMs - b.ack.atMs);
  let next = 0;
  let highest = { position: 0, text: '' };
  for (const { text, atMs, ack } of [...acked].sort((a, b) => a.atMs - b.atMs)) {
    for (let before = byAck[next]; before && before.ack.atMs < atMs; before = byAck[next]) {
      if (before.ack.position > highest.position) highest = { position: before.ack.position, text: before.text };
      next += 1;
    }
    if (ack.position < highest.position) {
      wrong.push(`${text} was posted after ${highest.text} had been acknowledged, and came before it`);
    }
  }
}

/** Whoever stayed to the end has all lines of the room from the first one that it saw. */
function checkComplete(transcripts: readonly Transcript[], order: ReadonlyMap<number, Shown>, wrong: string[]): void {
  const ends = new Map<string, number>();
  for (const { room, index } of order.values()) ends.set(room, Math.max(ends.get(room) ?? 0, index));
  for (const { client, shown, complete } of transcripts) {
    for (const room of complete) {
      const last = shown.findLast((line) => line.room === room)?.index;
      const end = ends.get(room) ?? 0;
      if (last !== undefined && last !== end) wrong.push(`${client} saw ${room} up to ${last}, it goes up to ${end}`);
    }
  }
}
