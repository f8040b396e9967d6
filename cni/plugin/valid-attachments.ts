import type { Fields } from '../../core/cni/fields.ts';
import { Problem } from '../../core/problem/problem.ts';

type Named = { readonly containerId: string; readonly ifname: string };

/** The key of the specification, and the one that newer libcni sends beside it. */
const keys = ['cni.dev/valid-attachments', 'cni.dev/attachments'];

/**
 * Tells the attachments that a GC calls valid from others; undefined where it has no list of them.
 *
 * @throws Problem INVALID_NETWORK_CONFIG for an attachment that can't be read: passed over, it would count as gone
 */
export function validAttachments(conf: Fields): ((attachment: Named) => boolean) | undefined {
  const present = keys.filter((key) => conf.raw(key) !== undefined);
  const valid = new Set(present.flatMap((key) => conf.objects(key).map(readAttachment)));
  return present.length === 0 ? undefined : (attachment) => valid.has(nameOf(attachment));
}

function readAttachment(each: Fields): string {
  const [containerId, ifname] = [each.text('containerID'), each.text('ifname')];
  if (!(containerId && ifname)) {
    throw new Problem('INVALID_NETWORK_CONFIG', 'an attachment of GC lacks its containerID or ifname');
  }
  return nameOf({ containerId, ifname });
}

function nameOf({ containerId, ifname }: Named): string {
  return `${containerId}/${ifname}`;
}
