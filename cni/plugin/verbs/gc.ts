import type { Fields } from '../../../core/cni/fields.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Master } from '../../node/node.ts';
import type { Config } from '../config.ts';
import { type Doors, drainJournal, releaseOrNote } from '../doors.ts';
import { type Leftover, leftovers } from '../garbage.ts';

/** The key of the specification, and the one that newer libcni sends beside it. */
const keys = ['cni.dev/valid-attachments', 'cni.dev/attachments'];

/**
 * GC: takes interfaces, host routes and addresses that this node has in this network for attachments which the runtime
 * doesn't know. An empty list takes them all, no list none. A failure is told at the end and keeps none of the others
 * from going.
 */
export async function gc(conf: Fields, config: Config, doors: Doors): Promise<void> {
  const present = keys.filter((each) => conf.raw(each) !== undefined);
  if (present.length === 0) {
    return;
  }
  const valid = new Set(present.flatMap((key) => conf.objects(key).map(readAttachment)));
  await drainJournal(doors);
  const faults: string[] = [];
  const records = await doors.ipam.list().catch((error: unknown) => {
    faults.push(reasonOf(error));
    return undefined;
  });
  const isValid = ({ containerId, ifname }: { containerId: string; ifname: string }) =>
    valid.has(nameOf(containerId, ifname));
  const { attached, unseen } = doors.node.findAttached();
  faults.push(...unseen);
  // With the master its shim went, and the host's routes with that.
  const master = doors.node.findMaster(config.master);
  for (const leftover of leftovers(config.name, isValid, { attached, records })) {
    const { containerId, ifname } = leftover.attachment;
    if (leftover.links.length === 0 && unseen.length > 0) {
      // Its interface may be where we couldn't look, and then it has its address still.
      continue;
    }
    try {
      await take(leftover, master, doors, records !== undefined);
    } catch (error) {
      faults.push(`${containerId} ${ifname}: ${reasonOf(error)}`);
    }
  }
  try {
    await doors.ipam.collect();
  } catch (error) {
    faults.push(reasonOf(error));
  }
  if (faults.length > 0) {
    throw new Problem('GC_INCOMPLETE', faults.join('; '));
  }
}

/** As DEL does: an address is free only when nobody has it any more. */
async function take(
  { attachment, links, ips, generation }: Leftover,
  master: Master | undefined,
  doors: Doors,
  isLedgerThere: boolean,
): Promise<void> {
  if (master !== undefined) {
    doors.node.forget(master, ips);
  }
  for (const link of links) {
    doors.node.removeAttached(link);
  }
  if (generation === undefined) {
    return;
  }
  // What the ledger still lists the next GC finds again; without it the link's alias was the only trace.
  await (isLedgerThere
    ? doors.ipam.release(attachment, generation)
    : releaseOrNote(doors, attachment, generation));
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
