import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { busyboxFile } from './release.ts';

/** One image for everything: pause and workload, one static program. */
export const image = 'realip.test/busybox:1';

/** Its path in the image. */
export const busybox = '/bin/busybox';

/**
 * Makes that image as a docker archive.
 *
 * @param work a folder to make it in
 * @returns its file name there
 */
export function makeImage(work: string): string {
  mkdirSync(join(work, 'root', 'bin'), { recursive: true });
  copyFileSync(busyboxFile(), join(work, 'root', 'bin', 'busybox'));
  pack(join(work, 'layer.tar'), join(work, 'root'), 'bin');
  const digest = createHash('sha256')
    .update(readFileSync(join(work, 'layer.tar')))
    .digest('hex');
  const config = {
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Entrypoint: [busybox, 'sleep', '1000000'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  writeFileSync(join(work, 'config.json'), JSON.stringify(config));
  const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }];
  writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
  pack(join(work, 'image.tar'), work, 'manifest.json', 'config.json', 'layer.tar');
  return 'image.tar';
}

function pack(file: string, folder: string, ...names: string[]): void {
  execFileSync('tar', [
    '--create',
    '--file',
    file,
    '--directory',
    folder,
    '--owner=0',
    '--group=0',
    ...names,
  ]);
}
