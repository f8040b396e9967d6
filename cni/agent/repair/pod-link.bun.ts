import { Problem } from '../../../core/problem/problem.ts';
import type { Link } from '../../../netlink/message/link.ts';
import { files } from '../../files.ts';
import { KernelPod } from '../../node/pod/pod.bun.ts';
import type { LivingLink } from '../census/living-link.ts';

/** Where to find a pod's interface, and how to know it. */
export type Whereabouts = Pick<LivingLink, 'inode' | 'netns' | 'alias'> & {
  readonly attachment: { readonly ifname: string };
};

/**
 * Does something with a pod's interface, if it is still there and still the same one: what a census tells may be a minute
 * old, and paths lead elsewhere by then.
 *
 * @returns undefined where it is gone
 */
export function withPodLink<T>(
  { inode, netns, alias, attachment }: Whereabouts,
  act: (pod: KernelPod, link: Link) => T,
): T | undefined {
  if (files().statSync(netns, { throwIfNoEntry: false })?.ino !== inode) {
    return undefined;
  }
  let pod: KernelPod;
  try {
    pod = KernelPod.open(netns, true);
  } catch (error) {
    if (error instanceof Problem) {
      return undefined;
    }
    throw error;
  }
  try {
    const link = pod.findLink(attachment.ifname);
    return link?.alias === alias ? act(pod, link) : undefined;
  } finally {
    pod.close();
  }
}
