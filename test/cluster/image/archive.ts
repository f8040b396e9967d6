import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../parts/cache.ts';
import { isWhole, seal, sha256 } from '../../parts/seal.ts';
import { contentOf, type Entry, fileEntry, textEntry } from './entry.ts';
import { writeTar } from './tar.ts';

/** How a container of an image is run, in the words of the image specification. */
export interface ImageConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

export interface Image {
  /** The names by which pods ask for it, such as `realip.test/pause:1`. */
  readonly refs: readonly string[];
  /** One upon the other. */
  readonly layers: readonly (readonly Entry[])[];
  readonly config: ImageConfig;
}

/** Archives that nobody asked for during a day go: each build of the programs leaves one. */
const keptMs = 86_400_000;

/**
 * Gives an image as a docker archive, such as `ctr -n k8s.io images import` takes: from the cache, when all of its
 * content is the same as before.
 *
 * @returns the file
 */
export function imageFile(image: Image): string {
  return imageBy(recipeOf(image), image.refs[0] ?? '', (pack) => pack(image));
}

/**
 * The same for an image that takes long to put together: it is, only when nothing was made by this recipe before.
 *
 * @param recipe in one word all that the content follows from, and the reference
 * @param make hands the image over while its files are there
 */
export function imageBy(recipe: string, ref: string, make: (pack: (image: Image) => void) => void): string {
  const folder = join(cacheFolder(), 'images');
  const [name = ''] = ref.split('/').at(-1)?.split(':') ?? [];
  const file = join(folder, `${name}-${recipe.slice(0, 16)}.tar`);
  if (!isWhole(file, recipe)) {
    mkdirSync(folder, { recursive: true });
    const work = mkdtempSync(join(folder, '.half-'));
    try {
      const half = join(work, 'image.tar');
      make((image) => packArchive(image, work, half));
      seal(file, recipe, readFileSync(half));
      renameSync(half, file);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  const now = new Date();
  // By this the others see that it is in use.
  utimesSync(`${file}.seal`, now, now);
  forgetOld(folder, name);
  return file;
}

/** All of an image's content in one word. */
function recipeOf({ refs, layers, config }: Image): string {
  const contents = layers.map((entries) =>
    entries.map((entry) => {
      const { path, mode, content } = entry;
      const octets = contentOf(entry);
      return [path, mode, octets === undefined ? content : sha256(octets)];
    }),
  );
  return sha256(JSON.stringify([refs, contents, config]));
}

function packArchive({ refs, layers, config }: Image, work: string, file: string): void {
  const packed = layers.map((entries, index) => {
    const layer = join(work, `${index}.tar`);
    writeTar(layer, entries);
    return { layer, digest: sha256(readFileSync(layer)) };
  });
  const text = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config,
    rootfs: { type: 'layers', diff_ids: packed.map(({ digest }) => `sha256:${digest}`) },
  });
  const configName = `${sha256(text)}.json`;
  const manifest = [
    { Config: configName, RepoTags: refs, Layers: packed.map(({ digest }) => `${digest}.tar`) },
  ];
  writeTar(file, [
    textEntry('/manifest.json', JSON.stringify(manifest)),
    textEntry(`/${configName}`, text),
    ...packed.map(({ layer, digest }) => fileEntry(`/${digest}.tar`, layer)),
  ]);
}

function forgetOld(folder: string, name: string): void {
  const isSeal = new RegExp(`^${name}-[0-9a-f]{16}\\.tar\\.seal$`);
  for (const each of readdirSync(folder).filter((file) => isSeal.test(file))) {
    const { mtimeMs } = statSync(join(folder, each), { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > keptMs) {
      rmSync(join(folder, each.replace(/\.seal$/, '')), { force: true });
      rmSync(join(folder, each), { force: true });
    }
  }
}
