/** Every event that a stopped server has on its disk: those of its history, and those of its log that come after. */
import { eventsOf } from '../src/chat/event-runs';
import type { ChatEvent } from '../src/chat/events';
import { ChatState } from '../src/chat/state';
import { openFolderOf } from '../src/cli/folders';
import type { ClusterConfig, ServerConfig } from '../src/config/schema';
import { eventsOf as eventsIn } from '../src/history/blocks';
import { replay } from '../src/server/examine';
import { loadStored, type StoredServer } from '../src/server/stored';
import type { Storage, StoredRecord } from '../src/storage/storage';

/** Where the blocks of the history lie (src/history/keys.ts). */
const BLOCKS = { from: Buffer.from('h'), to: Buffer.from('i') };
/** Read at once. */
const READ = { limit: 1024, bytes: 4 * 1024 * 1024 };

/** Some at a time, each once; those of the history room by room. @throws StorageError, HistoryError */
export async function* storedEvents(
  config: ClusterConfig,
  server: ServerConfig,
): AsyncGenerator<readonly ChatEvent[], void> {
  const storage = await openFolderOf(config, server);
  try {
    const stored = await loadStored(storage);
    yield* inHistory(storage, stored.historyThrough);
    yield inLog(stored);
  } finally {
    await storage.close();
  }
}

/** @param through what the log has after it is not counted twice: a block of a peer's may go beyond */
async function* inHistory(storage: Storage, through: number): AsyncGenerator<readonly ChatEvent[], void> {
  let room = '';
  let position = 0;
  for (let from = BLOCKS.from; ; ) {
    const records: readonly StoredRecord[] = await storage.scan({ ...BLOCKS, ...READ, from });
    for (const record of records) {
      const events = eventsIn(record);
      if (events[0]?.room !== room) position = 0;
      // Blocks may overlap where a part of the history came twice.
      yield events.filter((event) => event.position > position && event.position <= through);
      room = events.at(-1)?.room ?? room;
      position = Math.max(position, events.at(-1)?.position ?? 0);
    }
    const last = records.at(-1);
    if (!last) return;
    from = Buffer.concat([last.key, Buffer.of(0)]);
  }
}

/** By letting its rounds happen again. */
function inLog({ log, restored, historyThrough }: StoredServer): readonly ChatEvent[] {
  const events: ChatEvent[] = [];
  replay(restored?.chat ?? new ChatState(), restored?.info.round ?? 0, log?.accepted ?? [], ({ runs }) => {
    for (const event of eventsOf(runs)) if (event.position > historyThrough) events.push(event);
  });
  return events;
}
