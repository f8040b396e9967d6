import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Way } from '../../kube/admin.ts';
import { repository } from '../../parts/folder.ts';
import type { Tell } from '../progress.ts';
import { sectionsOf } from './document.ts';

const mark = '@section ';

/** Where an admin's files come to be: `ca.crt`, `admin-token`. */
export function adminFolder(folder: string): string {
  return join(folder, 'admin');
}

/**
 * Installs realip as docs/install.md says: its commands, from the first to the last before the first pod, are run
 * beside the API server.
 *
 * @param tell is told of each section that is begun
 * @throws Error with the last lines that the commands printed
 */
export async function installRealip({ folder, entering, kubectl }: Way, tell: Tell): Promise<void> {
  const admin = adminFolder(folder);
  rmSync(admin, { recursive: true, force: true });
  mkdirSync(admin, { mode: 0o700 });
  cpSync(join(repository, 'manifests'), join(admin, 'manifests'), { recursive: true });
  const sections = sectionsOf(readFileSync(join(repository, 'docs/install.md'), 'utf8'));
  const last = sections.findIndex(({ title }) => title.includes('The first pod'));
  const script = sections
    .slice(0, last)
    .map(({ title, commands }) => `echo '${mark}${title.replaceAll("'", '’')}'\n${commands}`)
    .join('\n');
  const [program = '', ...words] = [...entering, 'bash', '-euo', 'pipefail', '-c', script];
  const child = spawn(program, words, {
    cwd: admin,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PATH: `${dirname(kubectl)}:${process.env['PATH']}`,
      KUBECONFIG: join(folder, 'admin.kubeconfig'),
      KUBECACHEDIR: join(folder, 'kubectl-cache'),
    },
  });
  let told = '';
  createInterface({ input: child.stdout }).on('line', (line) => {
    told += `${line}\n`;
    if (line.startsWith(mark)) {
      tell(line.slice(mark.length));
    }
  });
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  const status = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  writeFileSync(join(folder, 'install.log'), told + complaints);
  if (status !== 0) {
    throw new Error(`docs/install.md: ${told.slice(-500)}${complaints.slice(-1500)}`);
  }
}
