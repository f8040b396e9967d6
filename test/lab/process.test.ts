import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from './process.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'realip-lab-process-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test('a program that was ready may end when its log is gone already, as in the removal of a lab', async () => {
  const started = await start(['sh', '-c', 'echo ready; exec sleep 60'], join(folder, 'log'));
  expect(started.line).toBe('ready');
  rmSync(folder, { recursive: true });
  // Not by an event: what a listener of start's throws would reach nobody who listens here.
  const thrown: unknown[] = [];
  const emit = started.process.emit.bind(started.process);
  started.process.emit = ((event: string, ...rest: unknown[]) => {
    try {
      return emit(event, ...rest);
    } catch (error) {
      thrown.push(error);
      return true;
    }
  }) as typeof started.process.emit;
  const closed = new Promise((resolve) => started.process.prependOnceListener('close', resolve));
  started.process.kill();
  await closed;
  await new Promise(setImmediate);
  expect(thrown).toEqual([]);
});

test('a program that ends before it is ready is told with its standard error', async () => {
  const begun = start(['sh', '-c', 'echo "no such port" >&2; exit 3'], join(folder, 'log'));
  await expect(begun).rejects.toThrow(/ended with 3: no such port/);
});
