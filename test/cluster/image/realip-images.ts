import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../../parts/folder.ts';
import { sha256 } from '../../parts/seal.ts';
import { type ImageConfig, imageBy } from './archive.ts';
import { baseLayer } from './base.ts';
import { type Instruction, parseDockerfile, type Stage } from './dockerfile.ts';
import { type Entry, entriesOf } from './entry.ts';

/** realip's own programs, each with a Dockerfile in images/. */
export type RealipProgram = 'webhook' | 'ipam-server' | 'agent';

/** The name under which manifests/ ask for a program's image. */
export function realipRef(program: RealipProgram): string {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string;
  };
  return `ghcr.io/example/realip-${program}:${version}`;
}

/**
 * Makes one of realip's own images from what has been built into dist/, following the last stage of its Dockerfile.
 *
 * @returns the archive
 * @throws Error when the Dockerfile says something that isn't understood here
 */
export function realipImage(program: RealipProgram): string {
  const stages = parseDockerfile(readFileSync(join(repository, 'images', program, 'Dockerfile'), 'utf8'));
  const final = stages.at(-1);
  if (final === undefined) {
    throw new Error(`images/${program}/Dockerfile has no stage`);
  }
  return imageBy(recipeOf(program, stages), realipRef(program), (pack) => {
    const work = mkdtempSync(join(tmpdir(), 'realip-image-'));
    try {
      const layers = [baseLayer(final.base)];
      let config: ImageConfig = {
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      };
      for (const instruction of final.instructions) {
        if (instruction.keyword === 'COPY') {
          layers.push(copied(instruction, stages, work));
        } else {
          config = { ...config, ...configured(instruction) };
        }
      }
      pack({ refs: [realipRef(program)], layers, config });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

/** What of dist/ an image holds, as scripts/image-contents.mjs has it. */
const builtFiles: Readonly<Record<RealipProgram, readonly string[]>> = {
  webhook: ['webhook.js'],
  'ipam-server': ['ipam-server.js', 'sqlite-worker.js'],
  agent: ['realip'],
};

/** All that an image follows from. To look into thousands of files of packages each time would take seconds. */
function recipeOf(program: RealipProgram, stages: readonly Stage[]): string {
  const dist = join(repository, 'dist');
  const files = [
    ...builtFiles[program].map((name) => join(dist, name)),
    ...['package-lock.json', 'scripts/image-contents.mjs'].map((name) => join(repository, name)),
  ];
  const base = baseLayer(stages.at(-1)?.base ?? '').map(({ path, content }) =>
    typeof content === 'object' && 'file' in content
      ? [path, statSync(content.file).mtimeMs]
      : [path, content],
  );
  return sha256(
    JSON.stringify([realipRef(program), stages, base, files.map((file) => sha256(readFileSync(file)))]),
  );
}

/** What an instruction says of how the image is run. */
function configured({ keyword, words, isArray }: Instruction): ImageConfig {
  if (!isArray && (keyword === 'ENTRYPOINT' || keyword === 'CMD')) {
    throw new Error(`${keyword} ${words.join(' ')} would need a shell: write an array`);
  }
  const [first = ''] = words;
  switch (keyword) {
    case 'ENTRYPOINT':
      return { Entrypoint: words };
    case 'CMD':
      return { Cmd: words };
    case 'USER':
      return { User: first };
    case 'WORKDIR':
      return { WorkingDir: first };
    case 'EXPOSE':
      return { ExposedPorts: Object.fromEntries(words.map((port) => [`${port}/tcp`, {}])) };
    case 'LABEL':
      return { Labels: Object.fromEntries(words.map((word) => word.split(/=(.*)/).slice(0, 2))) };
    default:
      throw new Error(`${keyword} in the last stage of a Dockerfile is not followed by the tests' images`);
  }
}

/** What a COPY from an earlier stage brings: the folder that this stage's scripts/image-contents.mjs laid out. */
function copied({ flags, words }: Instruction, stages: readonly Stage[], work: string): Entry[] {
  const [source = '', target = ''] = words;
  const from = stages.find(({ name }) => name !== undefined && name === flags['from']);
  const maker = from?.instructions.find(
    ({ keyword, words: [node, script, , folder] }) =>
      keyword === 'RUN' &&
      node === 'node' &&
      script === 'scripts/image-contents.mjs' &&
      join(folder ?? '', '/') === source,
  );
  if (maker === undefined || words.length !== 2) {
    throw new Error(`COPY ${words.join(' ')}: no stage lays this out by scripts/image-contents.mjs`);
  }
  const folder = join(work, source);
  const script = join(repository, 'scripts', 'image-contents.mjs');
  execFileSync(process.execPath, [script, maker.words[2] ?? '', folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return entriesOf(folder, target);
}
