import { homedir } from 'node:os';
import { join } from 'node:path';

/** Outside the tree and kept over clones: `REALIP_PARTS`, else `~/.cache/realip/parts`. */
export function cacheFolder(): string {
  return process.env['REALIP_PARTS'] ?? join(homedir(), '.cache', 'realip', 'parts');
}
