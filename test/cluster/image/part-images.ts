import { join } from 'node:path';
import { agnhost, coredns, debianContainerd, pause } from '../../parts/catalogue.ts';
import { debianPart } from '../../parts/debian-part.ts';
import { goPart } from '../../parts/go-part.ts';
import { imageFile } from './archive.ts';
import { folderEntry, linkEntry, programEntry, textEntry } from './entry.ts';

/** The names by which pods of tests ask for images. They are on every node, and in no registry. */
export const partRefs = {
  pause: 'realip.test/pause:1',
  coredns: `realip.test/coredns:${coredns.version}`,
  /** agnhost, with busybox's programs and shell. */
  agnhost: `realip.test/agnhost:${agnhost.version}`,
} as const;

/** By this name users, and Kubernetes’ own tests, ask for it. */
const upstreamAgnhost = 'registry.k8s.io/e2e-test-images/agnhost:2.56';

/** What holds a pod's namespaces open. */
export function pauseImage(): string {
  return imageFile({
    refs: [partRefs.pause],
    layers: [[programEntry('/pause', join(goPart(pause), 'pause'))]],
    config: { Entrypoint: ['/pause'] },
  });
}

/** The cluster's DNS. */
export function corednsImage(): string {
  return imageFile({
    refs: [partRefs.coredns],
    layers: [[programEntry('/coredns', join(goPart(coredns), 'coredns'))]],
    config: { Entrypoint: ['/coredns'] },
  });
}

/** The programs of busybox that tests call; where names are to be asked for, agnhost does it: busybox's can't. */
const applets = [
  ...[
    'sh',
    'cat',
    'echo',
    'env',
    'grep',
    'head',
    'hostname',
    'id',
    'ip',
    'kill',
    'ls',
    'mkdir',
    'nc',
    'ping',
    'ps',
  ],
  ...['rm', 'sed', 'seq', 'sleep', 'tail', 'test', 'timeout', 'touch', 'true', 'false', 'wc', 'wget'],
];

/** Servers and clients of many kinds: web, UDP, DNS, host names, port forwards. */
export function agnhostImage(): string {
  const busybox = join(debianPart(debianContainerd), 'bin', 'busybox');
  return imageFile({
    refs: [partRefs.agnhost, upstreamAgnhost],
    layers: [
      [
        programEntry('/bin/busybox', busybox),
        ...applets.map((name) => linkEntry(`/bin/${name}`, 'busybox')),
        textEntry('/etc/passwd', 'root:x:0:0:root:/:/bin/sh\n'),
        textEntry('/etc/group', 'root:x:0:\n'),
        folderEntry('/tmp', 0o1777),
        folderEntry('/uploads', 0o777),
      ],
      [programEntry('/agnhost', join(goPart(agnhost), 'agnhost')), linkEntry('/agnhost-2', 'agnhost')],
    ],
    config: {
      Entrypoint: ['/agnhost'],
      Cmd: ['pause'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/'],
    },
  });
}
