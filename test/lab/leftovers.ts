import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Namespace, namespacePrefix } from './namespace.ts';

/** Where the lab keeps its files: certificates, tokens, the ledger, sockets, its own process id. */
export const stateFolder = '/run/realip-lab';

const ownerFile = join(stateFolder, 'pid');
const relayFile = join(stateFolder, 'relay.pid');

/** The process id of a lab that is running now, if there is one. */
export function runningLab(): number | undefined {
  const pid = readPid(ownerFile);
  return pid !== undefined && pid !== process.pid && commandOf(pid).includes('lab.js') ? pid : undefined;
}

/** Makes the state folder, private to this user, and claims it for this process. */
export function claimLab(): void {
  mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
  writeFileSync(ownerFile, `${process.pid}`);
}

/** Remembers the one process that runs outside the lab's namespaces: `--keep`'s relay to the web page. */
export function rememberRelay(pid: number): void {
  writeFileSync(relayFile, `${pid}`);
}

/**
 * Removes all that this lab or a crashed one made: processes, namespaces (and with them every link), files.
 * Only processes inside the lab's own namespaces, and the remembered relay, are ended.
 *
 * @returns how many namespaces there were
 */
export async function removeLab(): Promise<number> {
  const relay = readPid(relayFile);
  if (relay !== undefined && commandOf(relay).includes(stateFolder)) {
    process.kill(relay, 'SIGKILL');
  }
  const left = leftNamespaces();
  await Promise.all(left.map(removeNamespace));
  // Tried again, for the step that a signal broke off may write one more file into it.
  rmSync(stateFolder, { recursive: true, force: true, maxRetries: 5 });
  return left.length;
}

/** The lab's namespaces that exist now. */
export function leftNamespaces(): Namespace[] {
  const names = existsSync('/run/netns') ? readdirSync('/run/netns') : [];
  return names
    .filter((name) => name.startsWith(namespacePrefix))
    .map((name) => new Namespace(name.slice(namespacePrefix.length)));
}

/** Ends the processes inside and removes the namespace with its links, unless somebody else did meanwhile. */
export async function removeNamespace(namespace: Namespace): Promise<void> {
  // A crash between making the name and the namespace leaves a plain file that holds no process.
  const pids = await namespace.pids().catch(() => []);
  pids.forEach(kill);
  try {
    await namespace.remove();
  } catch (error) {
    if (existsSync(namespace.path)) {
      throw error;
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}

function readPid(file: string): number | undefined {
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN;
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function commandOf(pid: number): string {
  const file = `/proc/${pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\0', ' ') : '';
}
