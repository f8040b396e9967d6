import { isContainerId } from '../../core/cni/names.ts';
import type { Environment } from './environment.ts';

/** So many characters of a container's id, as `crictl` shows. */
const shown = 13;

/**
 * What the server's log and this call's errors are found by: what is done, the begin of the container's id, the time
 * in milliseconds to base 36. It takes no randomness, whose first octet costs more than the whole request.
 *
 * @example add-5f0c2a9b1c3d4-mfx2k1a9
 */
export function requestIdOf(env: Environment, now: number): string {
  const container = env['CNI_CONTAINERID'] ?? '';
  return [
    (env['CNI_COMMAND'] || 'command').toLowerCase(),
    ...(isContainerId(container) ? [container.slice(0, shown)] : []),
    now.toString(36),
  ].join('-');
}
