import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLargeLedger } from './large-ledger.ts';
import { stop } from './server.ts';
import { median } from './statistics.ts';
import type { Figure } from './table.ts';

const leases = 300_000;
const most = { seconds: 3, mebibytes: 400 };

/** Resident memory of a process in MiB; `peak` is the most that it ever had. */
function resident(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** The server on a ledger with 300,000 living pods: how soon it answers, and what it then has in memory. */
export async function benchLedgerStart(dist: string, rounds: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  try {
    const file = join(folder, 'large.db');
    await makeLargeLedger(dist, file, { addresses: 1_000_000, leases });
    const runs = [];
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      const args = [join(dist, 'ipam-server.js'), '--listen', '127.0.0.1:0', '--store', `sqlite:${file}`];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
      await once(child.stdout, 'data');
      runs.push({ seconds: (performance.now() - started) / 1000, ...resident(child.pid ?? 0) });
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
