import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ImageConfig } from './archive.ts';

/** An image's archive, laid out as a container would see it. */
export class Unpacked {
  readonly refs: readonly string[];
  readonly config: ImageConfig;
  /** The root of its files. */
  readonly root: string;
  readonly #work = mkdtempSync(join(tmpdir(), 'realip-unpacked-'));

  constructor(archive: string) {
    this.root = join(this.#work, 'root');
    mkdirSync(this.root);
    execFileSync('tar', ['--extract', '--file', archive, '--directory', this.#work]);
    const [image] = this.#read('manifest.json') as [{ Config: string; RepoTags: string[]; Layers: string[] }];
    this.refs = image.RepoTags;
    this.config = (this.#read(image.Config) as { config: ImageConfig }).config;
    for (const layer of image.Layers) {
      execFileSync('tar', [
        '--extract',
        '--file',
        join(this.#work, layer),
        '--directory',
        this.root,
        '--same-owner',
        '--same-permissions',
      ]);
    }
  }

  /** The command line of a container, with /proc and /dev: as the image's user, by its entry point unless told. */
  run(args: readonly string[], program = this.config.Entrypoint ?? []): [string, string[]] {
    const mounts =
      'for each in proc dev; do mkdir -p $0/$each && mount --rbind /$each $0/$each || exit; done';
    const inside = [
      'sh',
      '-c',
      `${mounts}; exec chroot "$@"`,
      this.root,
      `--userspec=${this.config.User ?? '0:0'}`,
    ];
    return ['unshare', ['--mount', '--propagation=private', ...inside, this.root, ...program, ...args]];
  }

  remove(): void {
    rmSync(this.#work, { recursive: true, force: true });
  }

  #read(name: string): unknown {
    return JSON.parse(readFileSync(join(this.#work, name), 'utf8'));
  }
}
