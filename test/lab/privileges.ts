import { spawn, spawnSync } from 'node:child_process';

const insideMark = 'REALIP_LAB_USER_NAMESPACE';

/** Reports whether everything made here ends with this process, because it runs in namespaces of its own. */
export function endsWithThisProcess(): boolean {
  return process.env[insideMark] === '1';
}

/**
 * Makes sure that this process may make network namespaces. A normal user's lab runs once more inside a user
 * namespace, with process ids and /run of its own, so that nothing of it can outlive it.
 *
 * @returns undefined when this process may go on, otherwise the status to exit with
 */
export async function becomeRoot(): Promise<number | undefined> {
  if (process.getuid?.() === 0) {
    return undefined;
  }
  const flags = ['--user', '--map-root-user', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const allowed = spawnSync('unshare', [...flags, 'ip', 'netns', 'list'], { encoding: 'utf8' });
  if (allowed.status !== 0) {
    console.error(
      `The lab makes network namespaces, and this user may not: ${allowed.stderr.trim()}\n` +
        'Either run it as root:              sudo npm start\n' +
        'or allow user namespaces:           sudo sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000\n' +
        'and, where AppArmor restricts them: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0',
    );
    return 1;
  }
  const again = [process.execPath, ...process.argv.slice(1)];
  const inside = 'mount -t tmpfs tmpfs /run && exec "$@"';
  const lab = spawn('unshare', [...flags, 'sh', '-c', inside, 'sh', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [insideMark]: '1' },
  });
  // Ctrl-C reaches the lab inside as well, which cleans up; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => lab.kill('SIGTERM'));
  return new Promise((resolve) => lab.on('close', (status) => resolve(status ?? 1)));
}
