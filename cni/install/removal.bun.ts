import { Problem } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { decodeReleases } from '../journal/record.ts';
import { findAttached } from '../node/attached.bun.ts';
import { removeHostParts } from '../node/host-parts.bun.ts';
import { readAlias } from '../plugin/alias.ts';
import { printOutput } from '../plugin/streams.bun.ts';
import { ConfText } from '../preflight/conf-text.ts';
import { faultOf } from './agent-wait.bun.ts';
import { ConfFile } from './conf-file.bun.ts';
import { Executables } from './executables.bun.ts';
import { confName, durationOf, type InstallFlags, usual } from './flags.ts';
import { inWords } from './in-words.ts';
import { awaitTurn } from './turn.bun.ts';
import { type InstalledIpam, ipamOf } from './wanted.ts';

/**
 * Takes away what install put in place: the conf first, so that no pod starts with a plugin that is gone. While pods of
 * ours live it changes nothing; told that the node is drained all the same, it leaves the executables and the host's
 * side of those pods, so that their DEL works.
 *
 * @throws Problem INSTALL_OWN_PODS, INSTALL_RELEASES_WAIT, INSTALL_BUSY
 */
export async function remove(flags: InstallFlags): Promise<void> {
  const limitMs = durationOf(flags.wait);
  const { agent, stateDir } = installedIpam(flags);
  const state = flags.state ?? stateDir ?? usual.state;
  const isStateThere = files().existsSync(state);
  const turn = isStateThere ? await awaitTurn(state, limitMs) : undefined;
  try {
    if (!flags.drained) {
      refuseLiving();
    }
    const socket = flags.socket ?? agent ?? usual.socket;
    const isAgentThere = (await faultOf(socket)) === undefined;
    if (flags.purge) {
      refuseToForget(state, isAgentThere ? socket : undefined);
    }
    removeConf(flags);
    // One that was being started when the conf went.
    const living = livingPods();
    if (living.length > 0) {
      printOutput(
        `! left, for the DEL of pods that live: ${flags.binDir}, the node's interfaces towards them`,
      );
      printOutput(`  ${inWords(living)}\n  → realip install --remove, once they are gone`);
    } else {
      removeExecutables(flags);
      for (const part of removeHostParts()) {
        printOutput(`✔ ${part}: taken away`);
      }
    }
    if (isAgentThere) {
      printOutput(`! left: the agent at ${socket}\n  → systemctl disable --now realip-agent`);
    }
    endState(state, isStateThere, flags.purge === true);
    if (flags.purge) {
      removeSocket(socket);
    }
  } finally {
    turn?.unlock();
  }
}

/** Nobody listens there any more. Other files in its folder are not the agent's, and keep the folder. */
function removeSocket(socket: string): void {
  const { existsSync, readdirSync, rmdirSync, rmSync } = files();
  const folder = socket.slice(0, socket.lastIndexOf('/'));
  for (const path of [socket, `${socket}.lock`]) {
    rmSync(path, { force: true });
  }
  if (existsSync(folder) && readdirSync(folder).length === 0) {
    rmdirSync(folder);
    printOutput(`✔ ${folder}: taken away`);
  }
}

/** What the conf list that is to go says of agent and state folder; a damaged one says nothing. */
function installedIpam({ confDir }: InstallFlags): Pick<InstalledIpam, 'agent' | 'stateDir'> {
  const text = new ConfFile(`${confDir}/${confName}`).text ?? '';
  const isRead = new ConfText(text).fault === undefined;
  return (isRead ? ipamOf(text) : undefined) ?? { agent: undefined, stateDir: undefined };
}

function livingPods(): string[] {
  const { attached, unseen } = findAttached();
  return [
    ...attached
      .filter(({ alias, isOnThisNode }) => isOnThisNode && readAlias(alias) !== undefined)
      .map(({ netns, ifname, alias }) => `${ifname} of ${netns}, container ${readAlias(alias)?.containerId}`),
    ...unseen,
  ];
}

/** @throws Problem INSTALL_OWN_PODS */
function refuseLiving(): void {
  const living = livingPods();
  if (living.length > 0) {
    throw new Problem('INSTALL_OWN_PODS', `nothing was changed; these live on this node: ${inWords(living)}`);
  }
}

/** @throws Problem INSTALL_RELEASES_WAIT, INSTALL_AGENT_RUNS */
function refuseToForget(state: string, agent: string | undefined): void {
  if (agent !== undefined) {
    throw new Problem('INSTALL_AGENT_RUNS', `nothing was changed; the agent at ${agent} writes to ${state}`);
  }
  const waiting = waitingIn(state);
  if (waiting > 0) {
    const words = `nothing was changed; ${state}/journal holds releases that no server knows of: ${waiting}`;
    throw new Problem('INSTALL_RELEASES_WAIT', words);
  }
}

function waitingIn(state: string): number {
  const path = `${state}/journal`;
  const { existsSync, readFileSync } = files();
  return existsSync(path) ? decodeReleases(readFileSync(path, 'utf8')).releases.length : 0;
}

function removeConf({ confDir }: InstallFlags): void {
  const path = `${confDir}/${confName}`;
  printOutput(`✔ ${path}: ${new ConfFile(path).remove() ? 'taken away' : 'was not there'}`);
}

function removeExecutables({ binDir }: InstallFlags): void {
  const executables = new Executables(binDir);
  executables.remove();
  printOutput(`✔ ${executables.path}, ${executables.ipamPath}: taken away`);
}

function endState(state: string, isThere: boolean, isPurged: boolean): void {
  if (!isThere) {
    return;
  }
  if (isPurged) {
    printOutput(`✔ ${state}: ${removeTree(state) ? 'taken away' : 'emptied; it is a mount point'}`);
    return;
  }
  const waiting = waitingIn(state);
  const words = waiting > 0 ? `, with releases that wait for the server: ${waiting}` : '';
  printOutput(`! left: ${state}${words}\n  → realip install --remove --purge, if it shall go too`);
}

/** @returns false for a mount point, which stays, empty: a disk of its own, or a container's volume */
function removeTree(path: string): boolean {
  try {
    files().rmSync(path, { recursive: true, force: true });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EBUSY') {
      return false;
    }
    throw error;
  }
}
