/** Every line of some rooms as a client reads them, page by page: of a cluster that has nothing on its disks. */
import type { ClientEvent, HistoryEvent, MessageEvent } from '../src/client/events';
import { MAX_PAGE_LINES } from '../src/client/limits';
import type { Client } from '../src/client/shell';
import type { NewClient } from './client';

/** Some at a time, each once; those of a room from the last to the first page. */
export async function* pagedLines(
  newClient: NewClient,
  rooms: readonly string[],
): AsyncGenerator<readonly MessageEvent[], void> {
  let onEvent: (event: ClientEvent) => void = () => {};
  const client = newClient('verifier', (event) => onEvent(event));
  for (const room of rooms) {
    for (let [before, more] = [0, true]; more; ) {
      const page = await pageOf(client, room, before, (heard) => {
        onEvent = heard;
      });
      const lines = page.lines.filter((line) => line.type === 'message');
      yield lines;
      before = lines[0]?.index ?? 0;
      more = page.more && before > 0;
    }
  }
  client.dispose();
}

function pageOf(
  client: Client,
  room: string,
  before: number,
  listen: (onEvent: (event: ClientEvent) => void) => void,
): Promise<HistoryEvent> {
  return new Promise((resolve, reject) => {
    listen((event) => {
      if (event.type === 'history') resolve(event);
      if (event.type === 'error') reject(new Error(`the lines of ${room} cannot be read: ${event.message}`));
    });
    client.ask({ type: 'history', room, before, limit: MAX_PAGE_LINES });
  });
}
