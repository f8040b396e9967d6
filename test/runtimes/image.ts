import { imageFile } from '../cluster/image/archive.ts';
import { programEntry } from '../cluster/image/entry.ts';
import { busyboxFile } from './release.ts';

/** One image for everything: pause and workload, one static program. */
export const image = 'realip.test/busybox:1';

/** Its path in the image. */
export const busybox = '/bin/busybox';

/** Gives that image as a docker archive. */
export function makeImage(): string {
  return imageFile({
    refs: [image],
    layers: [[programEntry(busybox, busyboxFile())]],
    config: { Entrypoint: [busybox, 'sleep', '1000000'] },
  });
}
