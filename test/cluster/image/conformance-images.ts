import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { agnhost, conformanceTools, pause } from '../../parts/catalogue.ts';
import { debianPart } from '../../parts/debian-part.ts';
import { goPart } from '../../parts/go-part.ts';
import { type Image, imageFile } from './archive.ts';
import { type Entry, fileEntry, folderEntry, linkEntry, programEntry, textEntry } from './entry.ts';
import { librariesOf } from './libraries.ts';

/** The names by which Kubernetes' own network tests ask for images (`e2e.test --list-images`, 1.34.4). */
const refs = {
  agnhost: 'registry.k8s.io/e2e-test-images/agnhost:2.56',
  dns: 'registry.k8s.io/e2e-test-images/jessie-dnsutils:1.7',
  busybox: 'registry.k8s.io/e2e-test-images/busybox:1.37.0-1',
  pause: 'registry.k8s.io/pause:3.10.1',
};

/** What their scripts call, by its place on a Debian machine. */
const programs = [
  ...[
    'bash',
    'cat',
    'chmod',
    'cp',
    'cut',
    'date',
    'dig',
    'dirname',
    'env',
    'expr',
    'false',
    'getent',
    'head',
    'host',
  ],
  ...[
    'hostname',
    'id',
    'ls',
    'mkdir',
    'nc.openbsd',
    'nslookup',
    'printf',
    'rm',
    'seq',
    'sleep',
    'sort',
    'stat',
    'tail',
  ],
  ...[
    'tee',
    'test',
    'timeout',
    'touch',
    'tr',
    'true',
    'uname',
    'wc',
    'curl',
    'dash',
    'grep',
    'ip',
    'sed',
    'ss',
  ],
];

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  // A test of supplementary groups wants exactly these two.
  'user-defined-in-image:x:1000:1000::/home/user-defined-in-image:/bin/sh',
];
const group = [
  'root:x:0:',
  'user-defined-in-image:x:1000:',
  'group-defined-in-image:x:50000:user-defined-in-image',
];

/**
 * The images that Kubernetes' network Conformance tests ask for, as archives: agnhost among Debian's programs in place
 * of Alpine's.
 *
 * @throws Error when a program is neither on this machine nor in the packages
 */
export function conformanceImages(): string[] {
  const layers = [debianLayer(), agnhostLayer()];
  const Env = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin:/'];
  const images: Image[] = [
    { refs: [refs.agnhost], layers, config: { Entrypoint: ['/agnhost'], Cmd: ['pause'], Env } },
    { refs: [refs.dns], layers, config: { Cmd: ['sleep', '1000000'], Env } },
    { refs: [refs.busybox], layers, config: { Cmd: ['sh'], Env } },
    {
      refs: [refs.pause],
      layers: [[programEntry('/pause', join(goPart(pause), 'pause'))]],
      config: { Entrypoint: ['/pause'] },
    },
  ];
  return images.map(imageFile);
}

function debianLayer(): Entry[] {
  const root = debianPart(conformanceTools);
  const places = [root, '/'].flatMap((base) =>
    ['usr/bin', 'usr/sbin', 'bin'].map((path) => join(base, path)),
  );
  const files = programs.map((name) => {
    const file = places.map((place) => join(place, name)).find((path) => existsSync(path));
    if (file === undefined) {
      throw new Error(`the program ${name} is not on this machine`);
    }
    return file;
  });
  return [
    ...programs.map((name, index) => programEntry(`/bin/${name}`, files[index] ?? '')),
    ...librariesOf(files, root),
    linkEntry('/bin/sh', 'dash'),
    linkEntry('/bin/nc', 'nc.openbsd'),
    linkEntry('/usr/bin', '../bin'),
    textEntry('/etc/passwd', `${passwd.join('\n')}\n`),
    textEntry('/etc/group', `${group.join('\n')}\n`),
    textEntry('/etc/nsswitch.conf', 'hosts: files dns\n'),
    folderEntry('/tmp', 0o1777),
    folderEntry('/uploads', 0o777),
  ];
}

function agnhostLayer(): Entry[] {
  const folder = goPart(agnhost);
  return [
    programEntry('/agnhost', join(folder, 'agnhost')),
    linkEntry('/agnhost-2', 'agnhost'),
    // What its web server of its own, `porter`, shows as its certificate.
    ...['localhost.crt', 'localhost.key'].map((name) => fileEntry(`/${name}`, join(folder, name))),
  ];
}
