import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

/**
 * `ip netns add`. Where a run of tests wants to know whether all went again, its name is written down first, so that
 * it is also known of a test that is killed.
 */
export function addNamespace(name: string): void {
  const list = process.env['REALIP_NAMESPACES'];
  if (list !== undefined) {
    appendFileSync(list, `${name}\n`);
  }
  execFileSync('ip', ['netns', 'add', name]);
}
