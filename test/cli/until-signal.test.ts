/** What ends a long-running command, and what does not. */
import { untilSignal } from '../../src/cli/until-signal';
import { EXIT, ExitError } from '../../src/lib/exit';

const LIMITS = { nativeBytes: 1, clientBytes: 0, memoryCheckMs: 2 };

afterEach(() => jest.restoreAllMocks());

test('too much memory ends it', async () => {
  const running = { failed: new Promise<ExitError>(() => {}), close: async () => {} };
  await expect(untilSignal(running, LIMITS)).rejects.toMatchObject({ status: EXIT.memory });
});

test('each client that is connected gives room for some more, and for a while after it went', async () => {
  jest
    .spyOn(process, 'memoryUsage')
    .mockReturnValue({ rss: 150, heapTotal: 0, external: 0, heapUsed: 0, arrayBuffers: 0 });
  let clients = 20;
  let status: number | undefined;
  const running = { failed: new Promise<ExitError>(() => {}), clients: () => clients, close: async () => {} };
  const limits = { nativeBytes: 50, clientBytes: 10, memoryCheckMs: 1 };
  const ending = untilSignal(running, limits).catch((error) => {
    status = error.status;
  });
  await new Promise((resolve) => setTimeout(resolve, 30));
  clients = 0;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(status).toBeUndefined();
  await ending;
  expect(status).toBe(EXIT.memory);
});

test('that its memory cannot be seen for once, as no file can be opened, does not', async () => {
  const look = jest.spyOn(process, 'memoryUsage').mockImplementation(() => {
    throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
  });
  const failed = new Promise<ExitError>((resolve) => {
    setTimeout(() => resolve(new ExitError(EXIT.disk, 'it failed')), 50);
  });
  await expect(untilSignal({ failed, close: async () => {} }, LIMITS)).rejects.toMatchObject({ status: EXIT.disk });
  expect(look).toHaveBeenCalled();
});
