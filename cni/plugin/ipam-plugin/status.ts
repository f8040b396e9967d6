import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Doors } from '../doors.ts';
import { type IpamPluginConfig, refuseIpamPlugin } from './config.ts';

/** STATUS of an IPAM plugin: could it give an address now? @throws Problem NOT_READY */
export async function judgeReadiness(config: IpamPluginConfig, { ipam }: Doors): Promise<void> {
  refuseIpamPlugin(config);
  try {
    await ipam.ready(config.ipam);
  } catch (error) {
    throw new Problem('NOT_READY', reasonOf(error), {}, error);
  }
}
