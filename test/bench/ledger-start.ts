import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLargeLedger } from './large-ledger.ts';
import { residentOf } from './resident.ts';
import { stop } from './server.ts';
import { type Comparison, median } from './statistics.ts';
import type { Figure } from './table.ts';

const leases = 300_000;
const most = { seconds: 3, mebibytes: 400 };

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly seconds: number;
}

async function startOn(dist: string, file: string): Promise<Started> {
  const started = performance.now();
  const args = [join(dist, 'ipam-server.js'), '--listen', '127.0.0.1:0', '--store', `sqlite:${file}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))?.[0] ?? '';
  return { child, url, seconds: (performance.now() - started) / 1000 };
}

/** Milliseconds of each of some allocations, one after the other. */
async function allocations({ url }: Started, name: string, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const body = { node: `n${i % 500}`, network: 'realip', containerId: `${name}-${i}`, ifname: 'eth0' };
    const headers = { 'content-type': 'application/json' };
    const started = performance.now();
    const answer = await fetch(`${url}/v1/allocations`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    times.push(performance.now() - started);
    if (answer.status !== 201) {
      throw new Error(text);
    }
  }
  return times;
}

/** An allocation on a large ledger and on a small one, in turn: it must not matter how large it is. */
export async function benchLedgerSize(dist: string, rounds: number): Promise<Comparison> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const servers: Started[] = [];
  try {
    const start = async (leases: number) => {
      const file = join(folder, `${leases}.db`);
      await makeLargeLedger(dist, file, { addresses: 1_000_000, leases });
      const server = await startOn(dist, file);
      servers.push(server);
      await allocations(server, 'warm', 500);
      return server;
    };
    const [large, small] = [await start(leases), await start(1_000)];
    const [ours, theirs]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      ours.push(median(await allocations(large, `${round}`, 300)));
      theirs.push(median(await allocations(small, `${round}`, 300)));
    }
    return {
      name: 'p50 of an allocation on a large ledger',
      conditions: `one client; a million addresses, ${leases.toLocaleString('en')} leases`,
      unit: 'ms',
      peer: 'the same with 1,000 leases',
      ours,
      theirs,
      target: 1.2,
    };
  } finally {
    await Promise.all(servers.map(({ child }) => stop(child)));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The server on a ledger with 300,000 living pods: how soon it answers, and what it then has in memory. */
export async function benchLedgerStart(dist: string, rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  try {
    const file = join(folder, 'large.db');
    await makeLargeLedger(dist, file, { addresses: 1_000_000, leases });
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      const { child, seconds } = await startOn(dist, file);
      runs.push({ seconds, ...residentOf(child.pid) });
      await stop(child);
    }
    const seconds = median(runs.map((run) => run.seconds));
    const now = median(runs.map((run) => run.now));
    const peak = median(runs.map((run) => run.peak));
    const conditions = `${leases.toLocaleString('en')} leases in a million addresses, SQLite`;
    const mark = (isGood: boolean) => (isGood ? '✔' : '✘');
    return [
      {
        name: 'start of the IPAM server, until its ready line',
        conditions: `${conditions}; aim < ${most.seconds} s`,
        value: `${seconds.toFixed(2)} s ${mark(seconds < most.seconds)}`,
      },
      {
        name: 'resident memory of the IPAM server (VmRSS; the peak of its start)',
        conditions: `${conditions}; aim < ${most.mebibytes} MiB`,
        value: `${now.toFixed(0)} MiB (${peak.toFixed(0)}) ${mark(peak < most.mebibytes)}`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
