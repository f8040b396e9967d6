/** `npm run bench`: realip against its peers, in turn, in one run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { benchAgent } from './agent.ts';
import { benchCni } from './cni.ts';
import { benchCrowd } from './crowd.ts';
import { benchIpam, benchSlowStore } from './ipam.ts';
import { benchLedgerSize, benchLedgerStart } from './ledger-start.ts';
import { benchMemory } from './memory.ts';
import { benchPaths } from './paths.ts';
import { benchStart } from './start.ts';
import { type Comparison, median } from './statistics.ts';
import { type Figure, markdown } from './table.ts';
import { benchWebhook } from './webhook.ts';

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
  .option('--only <part>', 'cni, paths, ipam or webhook')
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

function wants(part: string): boolean {
  return options.only === undefined || options.only === part;
}

if (wants('cni')) {
  const start = benchStart(dist, bun, rounds);
  const agent = await benchAgent(dist, rounds);
  comparisons.push(start, ...agent.comparisons, ...(await benchCni(dist, rounds)), await benchCrowd(dist, 3));
  figures.push(
    {
      name: 'start of an empty Bun executable',
      conditions: 'whole process',
      value: `${median(start.theirs).toFixed(2)} ms`,
    },
    await benchMemory(dist, 5),
    ...agent.figures,
  );
}
if (wants('paths')) {
  comparisons.push(...(await benchPaths(dist, 5)));
}
if (wants('ipam')) {
  comparisons.push(...(await benchIpam(dist, 5, seconds)), await benchLedgerSize(dist, 5));
  figures.push(...(await benchSlowStore(dist, 3, seconds)), ...(await benchLedgerStart(dist, 3)));
}
if (wants('webhook')) {
  const webhook = await benchWebhook(dist, 5, seconds);
  comparisons.push(...webhook.comparisons);
  figures.push(...webhook.figures);
}

const table = markdown({ comparisons, figures }, new Date());
console.log(table);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ comparisons, figures }, undefined, 2)}\n`);
}
if (options.write === true) {
  write(table);
}
