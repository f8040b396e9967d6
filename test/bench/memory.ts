import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { median } from './statistics.ts';
import type { Figure } from './table.ts';

const most = 8;

/** Anonymous memory of a process in MiB. */
function anonymous(pid: number): number {
  const kibibytes = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) / 1024;
}

/** STATUS of a server that takes the request and says nothing: the executable with all its doors open, waiting. */
export async function benchMemory(dist: string, rounds: number): Promise<Figure> {
  const waiting = { resolve: (): void => undefined };
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () => waiting.resolve());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const ipam = { type: 'realip-ipam', server: `http://127.0.0.1:${port}`, node: 'n1', timeoutMs: 60_000 };
  const conf = { cniVersion: '1.1.0', name: 'bench', type: 'realip', master: 'lo', hostAccess: 'none', ipam };
  const values: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const asked = new Promise<void>((resolve) => {
      waiting.resolve = resolve;
    });
    const child = spawn(join(dist, 'realip'), [], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: { CNI_COMMAND: 'STATUS', CNI_PATH: dist },
    });
    const ended = once(child, 'close');
    child.stdin.end(JSON.stringify(conf));
    await asked;
    // It has asked and now waits; what it does meanwhile it has done after a moment.
    await sleep(50);
    values.push(anonymous(child.pid ?? 0));
    child.kill('SIGKILL');
    await ended;
  }
  server.close();
  const value = median(values);
  return {
    name: 'anonymous memory of the executable (RssAnon)',
    conditions: `STATUS, waiting for a server that says nothing; aim < ${most} MiB`,
    value: `${value.toFixed(1)} MiB ${value < most ? '✔' : '✘'}`,
  };
}
