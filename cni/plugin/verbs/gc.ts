import type { Fields } from '../../../core/cni/fields.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Config } from '../config.ts';
import { type Doors, drainJournal } from '../doors.ts';

/** The key of the specification, and the one that newer libcni sends beside it. */
const keys = ['cni.dev/valid-attachments', 'cni.dev/attachments'];

/**
 * GC: frees the addresses that this node holds in this network for attachments which the runtime doesn't know. An
 * empty list frees them all, no list none. A failure is told at the end and keeps none of the others from being freed.
 */
export async function gc(conf: Fields, config: Config, doors: Doors): Promise<void> {
  const key = keys.find((each) => conf.raw(each) !== undefined);
  if (key === undefined) {
    return;
  }
  const valid = conf.objects(key).map(readAttachment);
  await drainJournal(doors);
  const master = config.hostAccess === 'shim' ? doors.node.findMaster(config.master) : undefined;
  const faults: string[] = [];
  for (const { generation, ips, ...attachment } of await doors.ipam.list(config.name)) {
    if (valid.includes(nameOf(attachment.containerId, attachment.ifname))) {
      continue;
    }
    try {
      const ipv4 = ips.map(({ address }) => address.address).filter(({ family }) => family === 'ipv4');
      if (master !== undefined) {
        doors.node.forget(master, ipv4);
      }
      await doors.ipam.release(attachment, generation);
    } catch (error) {
      faults.push(`${attachment.containerId}: ${reasonOf(error)}`);
    }
  }
  if (faults.length > 0) {
    throw new Problem('GC_INCOMPLETE', `not freed: ${faults.join('; ')}`);
  }
}

/** One that can't be read is refused: passed over, it would count as gone. @throws Problem INVALID_NETWORK_CONFIG */
function readAttachment(each: Fields): string {
  const [containerId, ifname] = [each.text('containerID'), each.text('ifname')];
  if (!(containerId && ifname)) {
    throw new Problem('INVALID_NETWORK_CONFIG', 'an attachment of GC lacks its containerID or ifname');
  }
  return nameOf(containerId, ifname);
}

function nameOf(containerId: string, ifname: string): string {
  return `${containerId}/${ifname}`;
}
