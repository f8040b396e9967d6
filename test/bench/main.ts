/** `npm run bench`: realip against its peers, in turn, in one run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { benchCni, startOf } from './cni.ts';
import { benchIpam, benchSlowStore } from './ipam.ts';
import { type Comparison, median } from './statistics.ts';
import { type Figure, markdown } from './table.ts';

const dist = dirname(fileURLToPath(import.meta.url));
const page = join(dist, '..', 'docs', 'performance.md');
const bun = join(dist, '..', 'node_modules', '@oven', 'bun-linux-x64-baseline', 'bin', 'bun');
const marks = { begin: '<!-- measured -->', end: '<!-- /measured -->' };

function write(table: string): void {
  const text = readFileSync(page, 'utf8');
  const [before = '', rest = ''] = text.split(marks.begin);
  const after = rest.split(marks.end)[1] ?? '';
  writeFileSync(page, `${before}${marks.begin}\n${table}${marks.end}${after}`);
}

const options = new Command('npm run bench --')
  .description('Measures realip against its peers, in turn, in one run. Let nothing else run meanwhile.')
  .option('--only <part>', 'cni or ipam')
  .option('--rounds <number>', 'pairs of ADD and DEL', '60')
  .option('--seconds <number>', 'length of one load', '5')
  .option('--json <file>', 'also write every value measured to a file')
  .option('--write', 'put the table into docs/performance.md')
  .parse()
  .opts<{ only?: string; rounds: string; seconds: string; json?: string; write?: boolean }>();

const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const comparisons: Comparison[] = [];
const figures: Figure[] = [];

if (options.only !== 'ipam') {
  const { empty, version } = startOf(dist, bun, rounds);
  comparisons.push({
    name: 'start (VERSION)',
    conditions: 'whole process',
    unit: 'ms',
    peer: 'an empty Bun executable',
    ours: version,
    theirs: empty,
    target: 1.15,
  });
  comparisons.push(...(await benchCni(dist, rounds)));
  figures.push({
    name: 'start of an empty Bun executable',
    conditions: 'whole process',
    value: `${median(empty).toFixed(2)} ms`,
  });
}
if (options.only !== 'cni') {
  comparisons.push(...(await benchIpam(dist, 5, seconds)));
  figures.push(...(await benchSlowStore(dist, 3, seconds)));
}

const table = markdown({ comparisons, figures }, new Date());
console.log(table);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ comparisons, figures }, undefined, 2)}\n`);
}
if (options.write === true) {
  write(table);
}
