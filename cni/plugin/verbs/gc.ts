import type { Fields } from '../../../core/cni/fields.ts';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { Master } from '../../node/node.ts';
import type { Config } from '../config.ts';
import { type Doors, drainJournal, releaseOrNote } from '../doors.ts';
import { type Leftover, leftovers } from '../garbage.ts';
import { takeDown } from '../take-down.ts';
import { validAttachments } from '../valid-attachments.ts';

/**
 * GC: takes interfaces, host routes and addresses that this node has in this network for attachments which the runtime
 * doesn't know. An empty list takes them all, no list none. A failure is told at the end and keeps none of the others
 * from going.
 */
export async function gc(conf: Fields, config: Config, doors: Doors): Promise<void> {
  const isValid = validAttachments(conf);
  if (isValid === undefined) {
    return;
  }
  await drainJournal(doors);
  const faults: string[] = [];
  const attempt = async <T>(act: () => T | Promise<T>, prefix = ''): Promise<T | undefined> => {
    try {
      return await act();
    } catch (error) {
      faults.push(prefix + reasonOf(error));
      return undefined;
    }
  };
  const master = doors.node.findMaster(config.master);
  // The records first: a pod that starts meanwhile is then seen by its interface, not by its record alone.
  const records = await attempt(() => doors.ipam.list());
  const { attached, unseen } = doors.node.findAttached();
  faults.push(...unseen);
  for (const leftover of leftovers(config.name, isValid, { attached, records })) {
    const { containerId, ifname } = leftover.attachment;
    // An interface that is where we couldn't look has its address still.
    if (leftover.links.length > 0 || unseen.length === 0) {
      await attempt(() => take(leftover, master, doors, records !== undefined), `${containerId} ${ifname}: `);
    }
  }
  if (master !== undefined) {
    // What no attachment tells of any more.
    await attempt(() => doors.node.forget(master, []));
    await attempt(() => doors.node.tidyVlans(master));
  }
  await attempt(() => doors.ipam.collect());
  if (faults.length > 0) {
    throw new Problem('GC_INCOMPLETE', faults.join('; '));
  }
}

async function take(
  leftover: Leftover,
  master: Master | undefined,
  doors: Doors,
  isLedgerThere: boolean,
): Promise<void> {
  const { attachment, generation } = leftover;
  await takeDown(leftover, {
    // With the master its shim went, and the host's routes with that.
    forget: (ips) => master && doors.node.forget(master, ips),
    remove: (link) => doors.node.removeAttached(link),
  });
  if (generation === undefined) {
    return;
  }
  // What the ledger still lists the next GC finds again; without it the link's alias was the only trace.
  await (isLedgerThere
    ? doors.ipam.release(attachment, generation)
    : releaseOrNote(doors, attachment, generation));
}
