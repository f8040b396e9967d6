import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { NetlinkError } from '../../netlink/message/netlink-error.ts';
import { files } from '../files.ts';
import { printLine, printOutput } from '../plugin/streams.bun.ts';
import { awaitAgent } from './agent-wait.bun.ts';
import { ConfFile } from './conf-file.bun.ts';
import { Executables } from './executables.bun.ts';
import { confName, durationOf, type InstallFlags, usual } from './flags.ts';
import { remove } from './removal.bun.ts';
import { refuseStrangers } from './strangers.bun.ts';
import { awaitTurn } from './turn.bun.ts';
import { readWanted } from './wanted.ts';

/**
 * Puts executables, state folder and conf list in place, the conf last, or takes them away, the conf first. Whenever it
 * is killed, what was there works on, or what comes does; the next run ends what was begun.
 *
 * @returns the exit status: 1 when it could not, or would not
 */
export async function install(flags: InstallFlags): Promise<number> {
  try {
    await (flags.remove ? remove(flags) : put(flags));
    return 0;
  } catch (error) {
    const problem = asProblem(error);
    printLine(`realip install: ${problem.code}: ${problem.message}\n  → ${problem.kind.advice}`);
    return 1;
  }
}

async function put(flags: InstallFlags): Promise<void> {
  const limitMs = durationOf(flags.wait);
  if (flags.conf === undefined) {
    throw new Problem('INSTALL_FLAG_INVALID', 'name the conf list to install: --conf FILE');
  }
  const node = process.env['NODE_NAME'] || undefined;
  const wanted = readWanted(flags.conf, files().readFileSync(flags.conf, 'utf8'), node);
  const state = flags.state ?? wanted.ipam?.stateDir ?? usual.state;
  const executables = new Executables(flags.binDir);
  const confPath = `${flags.confDir}/${confName}`;
  makeState(state);
  const turn = await awaitTurn(state, limitMs);
  try {
    refuseStrangers(flags, wanted);
    tell(executables.path, executables.put(process.execPath));
    if (flags.agent && wanted.ipam !== undefined) {
      const socket = flags.socket ?? wanted.ipam.agent ?? usual.socket;
      await awaitAgent(socket, limitMs);
      printOutput(`✔ ${socket}: the agent is ready`);
      // Pods came and went meanwhile.
      refuseStrangers(flags, wanted);
    }
    files().mkdirSync(flags.confDir, { recursive: true, mode: 0o755 });
    tell(confPath, new ConfFile(confPath).put(wanted.text));
  } finally {
    turn.unlock();
  }
}

function tell(path: string, isChanged: boolean): void {
  printOutput(`✔ ${path}: ${isChanged ? 'put in place' : 'was there already'}`);
}

function makeState(state: string): void {
  const { chmodSync, chownSync, mkdirSync } = files();
  mkdirSync(state, { recursive: true, mode: 0o700 });
  chownSync(state, 0, 0);
  chmodSync(state, 0o700);
}

/** What disk and kernel refuse has a code of ours, too. */
function asProblem(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!(error instanceof NetlinkError) && !/^E[A-Z0-9]+$/.test(code)) {
    throw error;
  }
  return new Problem('INSTALL_IMPOSSIBLE', reasonOf(error), {}, error);
}
