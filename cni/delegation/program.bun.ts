import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import type { Outcome, Run } from './program.ts';

/** More than any result needs; a program that never stops printing is stopped here. */
const mostOutput = 1 << 20;

/**
 * The program of a plugin: the first regular file of its name in the folders of CNI_PATH.
 *
 * @throws Problem IPAM_PLUGIN_MISSING
 */
export function findProgram(name: string, cniPath: string): string {
  const candidates = cniPath.split(':').flatMap((folder) => (folder === '' ? [] : [`${folder}/${name}`]));
  const path = candidates.find(isFile);
  if (path === undefined) {
    const words = `there is no IPAM plugin "${name}" in CNI_PATH (${cniPath})`;
    throw new Problem('IPAM_PLUGIN_MISSING', words);
  }
  if (files().realpathSync(path) === process.execPath) {
    throw new Problem('IPAM_PLUGIN_MISSING', `${path} is realip itself; write ipam.type "realip-ipam"`);
  }
  return path;
}

/** CNI_PATH may name what is no folder, or what can't be looked into: there is no plugin, then. */
function isFile(path: string): boolean {
  try {
    return files().statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a plugin's program to its end; what it says on standard error goes where ours goes. Bun.spawnSync is part of
 * the runtime, so that calls without another plugin load nothing for it.
 */
export const runProgram: Run = ({ path, env, input, held }): Outcome => {
  try {
    const { exitCode, signalCode, stdout } = Bun.spawnSync({
      cmd: [path],
      env: { ...env },
      stdio: [new TextEncoder().encode(input), 'pipe', 'inherit', ...(held === undefined ? [] : [held])],
      maxBuffer: mostOutput,
    });
    return {
      status: exitCode,
      signal: signalCode === undefined ? undefined : String(signalCode),
      stdout: new TextDecoder().decode(stdout),
    };
  } catch (error) {
    throw new Problem('IPAM_PLUGIN_FAILED', `${path} could not be started: ${reasonOf(error)}`, {}, error);
  }
};
