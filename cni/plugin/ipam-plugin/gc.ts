import type { Fields } from '../../../core/cni/fields.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { type Doors, drainJournal } from '../doors.ts';
import { validAttachments } from '../valid-attachments.ts';
import { type IpamPluginConfig, refuseIpamPlugin } from './config.ts';

/** GC of an IPAM plugin: frees what this node holds in this network for attachments that the runtime doesn't know. */
export async function collectAddresses(conf: Fields, config: IpamPluginConfig, doors: Doors): Promise<void> {
  refuseIpamPlugin(config);
  const isValid = validAttachments(conf);
  if (isValid === undefined) {
    return;
  }
  await drainJournal(doors);
  const faults: string[] = [];
  const records = (await doors.ipam.list()).filter(({ network }) => network === config.name);
  for (const { generation, ...attachment } of records.filter((record) => !isValid(record))) {
    try {
      await doors.ipam.release(attachment, generation);
    } catch (error) {
      faults.push(`${attachment.containerId} ${attachment.ifname}: ${reasonOf(error)}`);
    }
  }
  if (faults.length > 0) {
    throw new Problem('GC_INCOMPLETE', faults.join('; '));
  }
}
