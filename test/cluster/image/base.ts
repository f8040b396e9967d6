import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Entry, fileEntry, folderEntry, programEntry, textEntry } from './entry.ts';
import { librariesOf, libraryFolder, loader } from './libraries.ts';

/** Debian's package libc6: what every program may lean on. */
const libc6 = ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'librt.so.1', 'libresolv.so.2'];

const certificates = '/etc/ssl/certs/ca-certificates.crt';

/** `nonroot` is whom distroless images have for programs that need no rights. */
const passwd = [
  'root:x:0:0:root:/root:/sbin/nologin',
  'nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin',
];

const base: readonly Entry[] = [
  textEntry('/etc/passwd', `${passwd.join('\n')}\n`),
  textEntry('/etc/group', 'root:x:0:\nnonroot:x:65532:\n'),
  textEntry('/etc/nsswitch.conf', 'hosts: files dns\n'),
  folderEntry('/tmp', 0o1777),
  fileEntry(certificates, certificates),
  programEntry(loader, loader),
  ...libc6.map((name) => programEntry(join(libraryFolder, name), join(libraryFolder, name))),
];

/**
 * This machine's parts in place of a base image that can't be had without a registry: the same programs and libraries
 * at the same paths, as far as ours need them.
 *
 * @throws Error for a base that it doesn't know
 */
export function baseLayer(name: string): Entry[] {
  switch (name) {
    case 'gcr.io/distroless/base-debian12':
      return [...base];
    case 'gcr.io/distroless/nodejs20-debian12': {
      const node = realpathSync(process.execPath);
      const known = base.map(({ path }) => path);
      const libraries = librariesOf([node]).filter(({ path }) => !known.includes(path));
      return [...base, ...libraries, programEntry('/nodejs/bin/node', node)];
    }
    default:
      throw new Error(`test/cluster/image/base.ts has nothing in place of the image ${name}`);
  }
}
