import type { Ip } from '../../core/address/ip.ts';
import type { Attached } from '../node/node.ts';
import type { Leftover } from './garbage.ts';

/** How what is left of an attachment is taken away. */
export interface TakeDownDoors {
  /** Takes the host's ways to addresses. */
  readonly forget: (ips: readonly Ip[]) => void;
  /** Takes an interface; one that is gone is no error. */
  readonly remove: (link: Attached) => void | Promise<void>;
}

/** Takes what is left of an attachment from the node, as DEL does: its address is free only when nobody has it any more. */
export async function takeDown(
  { ips, links }: Pick<Leftover, 'ips' | 'links'>,
  doors: TakeDownDoors,
): Promise<void> {
  doors.forget(ips);
  for (const link of links) {
    await doors.remove(link);
  }
}
