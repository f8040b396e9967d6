import { readFileSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { formatFinding } from '../../document/finding.ts';
import { loadPolicy } from '../policy/load.ts';
import type { Policy } from '../policy/policy.ts';
import { StartError } from '../start-error.ts';

/**
 * The policy of a file, for commands that run once; its warnings go to standard error.
 *
 * @throws StartError with `file:line: reason` for all that is wrong; Problem FLAG_INVALID for what is no file
 */
export function readPolicy(file: string): Policy {
  if (file.startsWith('configmap:')) {
    const detail = `--policy ${file}: only the serving webhook reads ConfigMaps; here it must be a file`;
    throw new Problem('FLAG_INVALID', detail);
  }
  const loaded = loadPolicy(readText(file));
  if (!loaded.ok) {
    throw new StartError(loaded.errors.map((error) => formatFinding(file, error)));
  }
  for (const warning of loaded.warnings) {
    process.stderr.write(`warning: ${formatFinding(file, warning)}\n`);
  }
  return loaded.policy;
}

/** @param file a path, or `-` for standard input; @throws StartError */
export function readText(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new StartError([`${file}:1: the file can't be read: ${reasonOf(error)}`]);
  }
}
