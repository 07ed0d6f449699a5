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

/** All that a client was shown, in order. */
export interface Transcript {
  readonly client: string;
  readonly shown: readonly Shown[];
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
  }
  checkOnce(order, wrong);
  checkAcks(posts, order, transcripts, wrong);
  checkSessions(posts, order, wrong);
  checkTime(posts, wrong);
  checkComplete(transcripts, order, wrong);
  return wrong;
}

/** Positions only grow, and of each room no index is left out. */
function checkOrder({ client, shown }: Transcript, wrong: string[]): void {
  let last = 0;
  const indexes = new Map<string, number>();
  for (const { position, room, index, earlier } of shown) {
    if (!earlier && position <= last) wrong.push(`${client} went back from position ${last} to ${position}`);
    if (!earlier) last = position;
    const before = indexes.get(room);
    if (before !== undefined && index !== before + 1) {
      wrong.push(`${client} saw index ${index} of ${room} after ${before}`);
    }
    indexes.set(room, index);
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
  else if (post.room !== line.room && !line.room.startsWith('@')) {
    wrong.push(`${client} saw ${line.text} in ${line.room}, it was posted in ${post.room}`);
  }
  const known = order.get(line.position);
  if (!known) order.set(line.position, line);
  else if (known.text !== line.text || (known.index !== line.index && known.room === line.room)) {
    wrong.push(`position ${line.position} is ${known.text} for one and ${line.text} for ${client}`);
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
