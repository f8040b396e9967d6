import { Problem } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { ConfText } from '../preflight/conf-text.ts';
import { ConfFile } from './conf-file.bun.ts';
import { confName, type InstallFlags } from './flags.ts';
import { inWords } from './in-words.ts';
import { findNoted, findResidents } from './residents.bun.ts';
import { type InForce, inForce, strangers } from './residents.ts';
import type { Wanted } from './wanted.ts';

/**
 * Refuses while pods live whose DEL would run with the wrong configuration from now on, unless the admin answers for it.
 *
 * @throws Problem INSTALL_OTHER_PODS
 */
export function refuseStrangers(
  { confDir, drained }: Pick<InstallFlags, 'confDir' | 'drained'>,
  { network, master }: Pick<Wanted, 'network' | 'master'>,
): void {
  if (drained) {
    return;
  }
  const before = whoseConf(confDir);
  const { found, unseen } = findResidents(master);
  const living = [
    ...strangers(network, before, found, findNoted()),
    // What can't be seen may be a pod.
    ...(before === 'later' ? unseen : []),
  ];
  if (living.length > 0) {
    const words = `pods of another network configuration live on this node: ${inWords(living)}`;
    throw new Problem('INSTALL_OTHER_PODS', words);
  }
}

/** An empty one counts as none: ours is then that of an install which was killed. */
function whoseConf(folder: string): InForce {
  const { existsSync, readdirSync, statSync } = files();
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const filled = names.filter(
    (name) => (statSync(`${folder}/${name}`, { throwIfNoEntry: false })?.size ?? 0) > 0,
  );
  const isOursWhole = new ConfText(new ConfFile(`${folder}/${confName}`).text ?? '').fault === undefined;
  return inForce(
    filled.filter((name) => name !== confName || isOursWhole),
    confName,
  );
}
