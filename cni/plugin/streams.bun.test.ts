import { dlopen } from 'bun:ffi';
import { expect, test } from 'bun:test';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, createReadStream, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const F_SETFL = 4;
const libc = dlopen('libc.so.6', { fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' } });

test('an answer larger than its pipe comes whole, also through one that doesn’t block', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-fifo-'));
  const fifo = join(folder, 'stdout');
  execFileSync('mkfifo', [fifo]);
  // The first end would wait for the other; opened for both it waits for none.
  const opener = openSync(fifo, constants.O_RDWR);
  const [reader, writer] = [openSync(fifo, 'r'), openSync(fifo, 'w')];
  closeSync(opener);
  const script = `import { printAnswer } from '${import.meta.dirname}/streams.bun.ts';
    printAnswer({ text: 'x'.repeat(1_000_000) });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', writer, 'ignore'] });
  const ended = once(child, 'close');
  // Only now: whoever spawns makes standard streams block, and the flag belongs to the pipe, not to the process.
  libc.symbols.fcntl(writer, F_SETFL, constants.O_NONBLOCK);
  closeSync(writer);
  // Nobody reads until the pipe is full.
  await Bun.sleep(300);
  const stream = createReadStream('', { fd: reader });
  const [answer] = await Promise.all([text(stream), ended]);
  rmSync(folder, { recursive: true });
  expect(JSON.parse(answer).text).toHaveLength(1_000_000);
});
