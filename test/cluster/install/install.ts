import type { Way } from '../../kube/admin.ts';
import type { Tell } from '../progress.ts';
import { AdminShell } from './admin-shell.ts';
import { readGuide } from './guide.ts';

/**
 * Installs realip as docs/install.md says: its commands, from the first to the last before the first pod, are typed
 * beside the API server.
 *
 * @param tell is told of each section that is begun
 * @throws Error with the command that failed, and what it printed
 */
export async function installRealip(way: Way, tell: Tell): Promise<void> {
  const shell = new AdminShell(way);
  shell.open();
  const steps = readGuide();
  const last = steps.findIndex(({ section }) => section.includes('The first pod'));
  let begun = '';
  for (const step of steps.slice(0, last)) {
    if (step.section !== begun) {
      begun = step.section;
      tell(begun);
    }
    await shell.type(step);
  }
}
