import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';
import { flock } from '../../journal/flock.bun.ts';
import type { Lock } from '../../journal/lock.ts';

/** `sun_path` of unix(7), its NUL included. */
const longestPath = 107;

/**
 * Makes the socket and the state folder this agent's own for as long as the process lives. The kernel lets go of the
 * locks however it ends, so that a crash leaves nothing that blocks; a socket file that nobody listens on any more is
 * taken away.
 *
 * @throws Problem AGENT_RUNNING, AGENT_SOCKET_UNUSABLE
 */
export async function takePlace(socket: string, stateDir: string): Promise<Lock[]> {
  if (new TextEncoder().encode(socket).length > longestPath || !socket.startsWith('/')) {
    const detail = `${socket} is no absolute path of at most ${longestPath} octets`;
    throw new Problem('AGENT_SOCKET_UNUSABLE', detail);
  }
  const locks: Lock[] = [];
  try {
    locks.push(lock(folderOf(socket), `${socket}.lock`, `the socket ${socket}`));
    locks.push(lock(stateDir, `${stateDir}/agent.lock`, `the state folder ${stateDir}`));
    await clear(socket);
    return locks;
  } catch (error) {
    for (const each of locks) {
      each.unlock();
    }
    throw error;
  }
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function lock(folder: string, path: string, what: string): Lock {
  let taken: Lock | undefined;
  try {
    files().mkdirSync(folder, { recursive: true, mode: 0o700 });
    taken = flock(path, false);
  } catch (error) {
    throw new Problem('AGENT_SOCKET_UNUSABLE', `${path}: ${reasonOf(error)}`, {}, error);
  }
  if (taken === undefined) {
    throw new Problem('AGENT_RUNNING', `another agent has ${what}`);
  }
  return taken;
}

/** Takes a dead socket's file away. */
async function clear(socket: string): Promise<void> {
  const found = files().lstatSync(socket, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw new Problem('AGENT_SOCKET_UNUSABLE', `${socket} is there and no socket`);
  }
  if (await isLive(socket)) {
    throw new Problem('AGENT_RUNNING', `another process listens on ${socket}`);
  }
  files().unlinkSync(socket);
}

async function isLive(socket: string): Promise<boolean> {
  try {
    const connection = await Bun.connect({ unix: socket, socket: { data: () => undefined } });
    connection.end();
    return true;
  } catch {
    return false;
  }
}
