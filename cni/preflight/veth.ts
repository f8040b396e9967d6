import { reasonOf } from '../../core/problem/problem.ts';
import type { Links } from '../../netlink/links.ts';
import { isErrno } from '../../netlink/message/netlink-error.ts';
import { error, type Finding } from './finding.ts';

/** Makes a pair, down, and takes it away: only the kernel knows. */
export function judgeVeth({
  links,
}: {
  readonly links: Pick<Links, 'create' | 'get' | 'delete'>;
}): Finding[] {
  const name = `realip-a${process.pid}`;
  try {
    links.create({ kind: 'veth', name, peer: { name: `realip-b${process.pid}` } });
  } catch (refusal) {
    if (isErrno(refusal, 'EOPNOTSUPP')) {
      const cure = 'modprobe veth, or a kernel with CONFIG_VETH.';
      return [error('kernel-lacks-veth', 'the kernel has no pairs of interfaces (veth)', cure)];
    }
    if (isErrno(refusal, 'EPERM')) {
      return [error('not-root', 'preflight may not make interfaces', 'Run it as root.')];
    }
    return [error('veth-refused', reasonOf(refusal), 'The message is the kernel’s.')];
  }
  links.delete(links.get(name));
  return [];
}
