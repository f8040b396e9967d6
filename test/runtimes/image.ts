import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busyboxFile } from './release.ts';

/** One image for everything: pause and workload, one static program. */
export const image = 'realip.test/busybox:1';

/** Its path in the image. */
export const busybox = '/bin/busybox';

/**
 * Makes that image as a docker archive.
 *
 * @param file where the archive goes
 */
export function makeImage(file: string): void {
  const work = mkdtempSync(join(tmpdir(), 'realip-image-'));
  try {
    const root = join(work, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync(busyboxFile(), join(root, 'bin', 'busybox'));
    pack(join(work, 'layer.tar'), root, 'bin');
    const digest = createHash('sha256')
      .update(readFileSync(join(work, 'layer.tar')))
      .digest('hex');
    const config = {
      architecture: { x64: 'amd64', arm64: 'arm64' }[process.arch as string] ?? process.arch,
      os: 'linux',
      config: { Entrypoint: [busybox, 'sleep', '1000000'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
    };
    writeFileSync(join(work, 'config.json'), JSON.stringify(config));
    const manifest = [{ Config: 'config.json', RepoTags: [image], Layers: ['layer.tar'] }];
    writeFileSync(join(work, 'manifest.json'), JSON.stringify(manifest));
    pack(file, work, 'manifest.json', 'config.json', 'layer.tar');
  } finally {
    rmSync(work, { recursive: true });
  }
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
