import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildParts } from './build-parts.ts';
import * as catalogue from './catalogue.ts';
import type { GoPart } from './declaration.ts';

const { pause } = catalogue;
const kept = process.env['REALIP_PARTS'];
let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'realip-cache-'));
  process.env['REALIP_PARTS'] = cache;
});

afterEach(() => {
  if (kept === undefined) {
    delete process.env['REALIP_PARTS'];
  } else {
    process.env['REALIP_PARTS'] = kept;
  }
  rmSync(cache, { recursive: true, force: true });
});

/** Builds a part: its folder, and what was told. */
function build(part: GoPart): { folder: string; told: string[] } {
  const told: string[] = [];
  const [folder = ''] = buildParts([part], (line) => told.push(line));
  return { folder, told };
}

test('a part is built once, and each build is told', () => {
  const { folder, told } = build(pause);
  expect(told).toEqual([expect.stringMatching(/^1\/1 pause v1: \d+ s$/)]);
  const built = statSync(join(folder, 'pause')).mtimeMs;
  build(pause);
  expect(statSync(join(folder, 'pause')).mtimeMs).toBe(built);
  expect(readdirSync(cache)).toHaveLength(1);
  expect(readdirSync(folder).toSorted()).toEqual(['pause', 'pause.seal']);
});

test('a cached program that was cut, changed or lost is built anew', () => {
  const { folder } = build(pause);
  const program = join(folder, 'pause');
  const whole = readFileSync(program);
  const changed = Buffer.from(whole);
  changed[5000] = (changed[5000] ?? 0) ^ 1;
  const damages: (() => void)[] = [
    () => truncateSync(program, whole.length - 1),
    () => writeFileSync(program, changed),
    () => rmSync(program),
    () => rmSync(`${program}.seal`),
    () => writeFileSync(`${program}.seal`, '{'),
  ];
  for (const damage of damages) {
    damage();
    build(pause);
    expect(readFileSync(program).equals(whole)).toBe(true);
  }
});

test('a part that is to be linked otherwise is built anew', () => {
  const { folder } = build(pause);
  const before = statSync(join(folder, 'pause')).mtimeMs;
  build({ ...pause, variables: { 'main.version': 'v1' } });
  expect(statSync(join(folder, 'pause')).mtimeMs).toBeGreaterThan(before);
});

test('a module whose checksum is not the declared one is refused, and nothing stays', () => {
  const other = { ...pause, sum: 'h1:AAAA' };
  expect(() => build(other)).toThrow('realip.io/test/parts/pause v1 is not what test/parts/catalogue.ts');
  expect(readdirSync(cache).flatMap((name) => readdirSync(join(cache, name)))).toEqual([]);
});

test('each part of a third party is declared with its checksum, which its wrapper’s go.sum has too', () => {
  const parts = Object.values(catalogue).filter((part): part is GoPart => 'module' in part);
  expect(parts.length).toBeGreaterThan(8);
  for (const { name, module, version, sum, wrapper } of parts) {
    if (!module.startsWith('realip.io/')) {
      expect(`${name} ${sum}`).toMatch(/ h1:\S{43}=$/);
    }
    const sums = join(import.meta.dirname, wrapper ?? '', 'go.sum');
    if (wrapper !== undefined && sum !== undefined) {
      expect(readFileSync(sums, 'utf8')).toContain(`${module} ${version} ${sum}\n`);
    } else {
      expect(wrapper === undefined || existsSync(sums)).toBe(true);
    }
  }
});

test('what holds a pod open ends when it is told to, at once', () => {
  const { folder } = build(pause);
  const out = execFileSync('timeout', ['--preserve-status', '--signal=TERM', '2', join(folder, 'pause')]);
  expect(out.toString()).toBe('');
});
