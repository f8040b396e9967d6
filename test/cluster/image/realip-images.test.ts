import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { parse } from 'yaml';
import { repository } from '../../parts/folder.ts';
import { parseDockerfile } from './dockerfile.ts';
import { type RealipProgram, realipImage, realipRef } from './realip-images.ts';
import { Unpacked } from './unpacked.ts';

const programs: readonly RealipProgram[] = ['webhook', 'ipam-server', 'agent'];
const images = new Map<RealipProgram, Unpacked>();

beforeAll(() => {
  for (const program of programs) {
    images.set(program, new Unpacked(realipImage(program)));
  }
});

afterAll(() => {
  for (const image of images.values()) {
    image.remove();
  }
});

function imageOf(program: RealipProgram): Unpacked {
  const image = images.get(program);
  if (image === undefined) {
    throw new Error(`no image of ${program}`);
  }
  return image;
}

function dockerfile(program: RealipProgram): ReturnType<typeof parseDockerfile> {
  return parseDockerfile(readFileSync(join(repository, 'images', program, 'Dockerfile'), 'utf8'));
}

test('each image is as the last stage of its Dockerfile says, under the name that the manifests ask for', () => {
  const kustomization = readFileSync(join(repository, 'manifests/base/kustomization.yaml'), 'utf8');
  const asked = (parse(kustomization) as { images: { name: string; newName: string; newTag: string }[] })
    .images;
  for (const program of programs) {
    const { refs, config } = imageOf(program);
    expect(refs).toEqual([realipRef(program)]);
    for (const { newName, newTag } of asked.filter(({ name }) => name === `realip/${program}`)) {
      expect(refs).toEqual([`${newName}:${newTag}`]);
    }
    const said = (keyword: string) =>
      dockerfile(program)
        .at(-1)
        ?.instructions.find((each) => each.keyword === keyword)?.words;
    expect(config.Entrypoint).toEqual(said('ENTRYPOINT'));
    expect([config.User]).toEqual(said('USER'));
    expect(config.Cmd).toEqual(said('CMD'));
  }
  expect(asked.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['realip/webhook', 'realip/ipam-server']),
  );
});

test('no image holds a shell, and all that they hold belongs to root and is writable by nobody else', () => {
  for (const program of programs) {
    const { root } = imageOf(program);
    expect(existsSync(join(root, 'bin/sh'))).toBe(false);
    for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const { uid, mode } = statSync(join(root, name));
      expect(`${name} ${uid} ${name === 'tmp' ? 0 : mode & 0o022}`).toBe(`${name} 0 0`);
    }
  }
});

test('the servers run as a user without rights, the agent as root', () => {
  expect(programs.map((program) => imageOf(program).config.User)).toEqual([
    '65532:65532',
    '65532:65532',
    '0:0',
  ]);
});

test('the webhook starts from its image’s files alone, and holds a policy against its cases', () => {
  const image = imageOf('webhook');
  for (const file of ['base/policy.yaml', 'policy-cases.yaml']) {
    cpSync(join(repository, 'manifests', file), join(image.root, 'tmp', basename(file)));
  }
  const flags = ['test', '--policy=/tmp/policy.yaml', '--cases=/tmp/policy-cases.yaml'];
  const [command, args] = image.run(flags);
  const run = spawnSync(command, args, { encoding: 'utf8' });
  expect(`${run.status} ${run.stderr}`).toBe('0 ');
});

test('the IPAM server starts from its image’s files alone, with its ledger in a file', async () => {
  const flags = ['--listen=127.0.0.1:0', '--store=sqlite:/tmp/ipam.db'];
  const server = spawn(...imageOf('ipam-server').run(flags), {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const address = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    expect((await fetch(`${address}/readyz`)).status).toBe(200);
    expect(existsSync(join(imageOf('ipam-server').root, 'tmp/ipam.db'))).toBe(true);
  } finally {
    server.kill();
    await once(server, 'exit');
  }
});

test('realip runs from its image’s files alone, and is a plugin by its link’s name, too', () => {
  const run = (args: string[], program: string, env: NodeJS.ProcessEnv) => {
    const options = {
      encoding: 'utf8',
      input: '{"cniVersion":"1.1.0"}',
      env: { ...process.env, ...env },
    } as const;
    return spawnSync(...imageOf('agent').run(args, [program]), options).stdout;
  };
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(run(['version'], '/usr/local/bin/realip', {})).toContain(version);
  const answer = run([], '/usr/local/bin/realip-ipam', { CNI_COMMAND: 'VERSION' });
  expect(JSON.parse(answer)).toMatchObject({ supportedVersions: expect.arrayContaining(['1.1.0']) });
});

test('what .dockerignore leaves suffices for the commands that build the image', () => {
  const context = mkdtempSync(join(tmpdir(), 'realip-context-'));
  try {
    const ignore = readFileSync(join(repository, '.dockerignore'), 'utf8').split('\n');
    expect(ignore).toContain('**');
    for (const path of ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1))) {
      cpSync(join(repository, path), join(context, path), {
        recursive: true,
        filter: (file) => !file.endsWith('.test.ts'),
      });
    }
    // In place of npm ci, which would fetch the same once more.
    symlinkSync(join(repository, 'node_modules'), join(context, 'node_modules'));
    for (const { words } of dockerfile('webhook')[0]?.instructions.filter(
      ({ keyword }) => keyword === 'RUN',
    ) ?? []) {
      const [, ...args] = words.map((word) => (word === '/out' ? join(context, 'out') : word));
      const run = spawnSync(process.execPath, args, { cwd: context, encoding: 'utf8' });
      expect(`${run.status} ${run.stderr}`).toBe('0 ');
    }
    expect(existsSync(join(context, 'out/dist/webhook.js'))).toBe(true);
  } finally {
    rmSync(context, { recursive: true, force: true });
  }
});
