import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Config } from '../config.ts';
import type { Doors } from '../doors.ts';
import { mtuOf } from '../planning.ts';
import { refuse } from '../refusals.ts';
import { masterOf } from './add.ts';

/** STATUS: could a pod start now? @throws Problem NOT_READY */
export async function status(config: Config, doors: Doors): Promise<void> {
  refuse(config);
  try {
    mtuOf(config, masterOf(config, doors));
    await doors.ipam.ready();
  } catch (error) {
    throw new Problem('NOT_READY', reasonOf(error), {}, error);
  }
}
