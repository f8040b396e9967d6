import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { adminFolder } from './install/admin-shell.ts';
import type { LiveCluster } from './live-cluster.ts';
import { ipamServer } from './plan.ts';

/** Opens a shell beside the API server: kubectl is there, and all of the LAN is reached. @returns its status */
export function openShell(cluster: LiveCluster): Promise<number> {
  const { entering, folder, kubectl } = cluster.way;
  const [program = '', ...words] = [...entering, 'bash', '--norc'];
  const shell = spawn(program, words, {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${dirname(kubectl)}:${process.env['PATH']}`,
      KUBECONFIG: join(folder, 'admin.kubeconfig'),
      REALIP_ADMIN: adminFolder(folder),
      REALIP_SERVER: `https://${ipamServer.address}:${ipamServer.port}`,
      PS1: `${cluster.name}:\\w\\$ `,
    },
  });
  // Ctrl-C is the shell's.
  process.on('SIGINT', () => {});
  return new Promise((resolve) => shell.on('close', (status) => resolve(status ?? 1)));
}
