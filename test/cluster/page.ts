import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../kube/daemon.ts';
import { relay } from '../kube/relay.ts';
import type { Place } from './place.ts';

/** What the server's page is reached by; a part of the relay's command line, by which it is found again. */
const socketOf = (place: Place): string => place.file('ledger.sock');

/** Opens a way from this machine's loopback to the IPAM server's web page, until the cluster is removed. */
export async function openPage(place: Place): Promise<void> {
  const [port = 0] = await freePorts(1);
  const [program = '', ...args] = relay({ port }, { path: socketOf(place) });
  spawn(program, args, { detached: true, stdio: 'ignore' }).unref();
  writeFileSync(place.file('page'), `https://127.0.0.1:${port}/`);
}

/** Where the page is; null where none was opened. */
export function pageOf(place: Place): string | null {
  const file = place.file('page');
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

/** Ends the one process of a cluster that is in none of its namespaces. */
export function closePage(place: Place): void {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    if (commandOf(pid).some((word) => word.includes(`connect(`) && word.includes(`"${socketOf(place)}"`))) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // It ended by itself in the meantime.
      }
    }
  }
}

function commandOf(pid: string): string[] {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').split('\0');
  } catch {
    return [];
  }
}
