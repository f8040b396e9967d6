import { PluginError } from '../../../core/cni/plugin-error.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { readAlias } from '../alias.ts';
import type { Config } from '../config.ts';
import type { Doors } from '../doors.ts';
import { mtuOf } from '../planning/planning.ts';
import { refuse } from '../refusals.ts';
import { masterOf } from './add.ts';

/** What another IPAM plugin says with these goes to the runtime as it stands. */
const statusCodes: readonly number[] = [50, 51];

/**
 * STATUS: could a pod start now? Where the interface that pods share is gone or dead, those that run suffer too.
 *
 * @throws Problem NOT_READY, PODS_AFFECTED
 */
export async function status(config: Config, doors: Doors): Promise<void> {
  refuse(config);
  const fault = faultOfMaster(config, doors);
  if (fault !== undefined) {
    throw new Problem((await hasPods(config, doors)) ? 'PODS_AFFECTED' : 'NOT_READY', fault);
  }
  try {
    mtuOf(config, masterOf(config, doors));
    await doors.ipam.ready(config.ipam);
  } catch (error) {
    if (error instanceof PluginError && statusCodes.includes(error.code)) {
      throw error;
    }
    throw new Problem('NOT_READY', reasonOf(error), {}, error);
  }
}

/** Why nothing goes over the master, in a sentence. */
function faultOfMaster(config: Config, doors: Doors): string | undefined {
  try {
    const trunk = masterOf(config, doors);
    // One that isn't there yet is made by the first pod.
    const master = (config.vlan && doors.node.findVlan(trunk, config.vlan)) || trunk;
    return doors.node.hasCarrier(master) ? undefined : `${master.name} is down or has no carrier`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The kernel deletes pods' interfaces together with the master, so that the ledger is asked as well. */
async function hasPods({ name }: Config, { node, ipam, warn }: Doors): Promise<boolean> {
  const isOurs = ({ alias, isOnThisNode }: { alias: string; isOnThisNode: boolean }) =>
    isOnThisNode && readAlias(alias)?.network === name;
  if (node.findAttached().attached.some(isOurs)) {
    return true;
  }
  try {
    return (await ipam.list()).some(({ network }) => network === name);
  } catch (error) {
    warn(reasonOf(error));
    return false;
  }
}
