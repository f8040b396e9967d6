import { status } from '@grpc/grpc-js';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { EtcdConnection } from './connection.ts';
import { leaderKey } from './layout.ts';
import type { StatusResponse } from './messages.ts';

/** Milliseconds that etcd has to answer at a start. */
const patience = 5_000;

/** The oldest etcd whose watches come in fragments. */
const oldest: readonly [major: number, minor: number] = [3, 4];

/**
 * Sees that etcd can be used: it answers, is new enough, and lets this user read under the prefix.
 *
 * @throws Problem ETCD_UNREACHABLE, ETCD_TOO_OLD
 */
export async function reach(connection: EtcdConnection, prefix: string): Promise<void> {
  try {
    const [version] = await Promise.all([
      versionOf(connection),
      connection.call('KV', 'Range', { key: leaderKey(prefix) }, patience),
    ]);
    const [major = 0, minor = 0] = (version ?? oldest.join('.')).split('.').map(Number);
    if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
      throw new Problem('ETCD_TOO_OLD', `etcd is ${version}`);
    }
  } catch (error) {
    if (error instanceof Problem && error.code === 'ETCD_TOO_OLD') {
      throw error;
    }
    throw new Problem('ETCD_UNREACHABLE', reasonOf(error), {}, error);
  }
}

/** Null where etcd tells it to nobody but root: from 3.5.28 and 3.6 on, and until some later patches of both. */
async function versionOf(connection: EtcdConnection): Promise<string | null> {
  try {
    return (await connection.call<StatusResponse>('Maintenance', 'Status', {}, patience)).version;
  } catch (error) {
    if (isDenied(error)) {
      return null;
    }
    throw error;
  }
}

function isDenied(error: unknown): boolean {
  const cause: unknown = error instanceof Problem ? error.cause : null;
  return cause instanceof Error && 'code' in cause && cause.code === status.PERMISSION_DENIED;
}
