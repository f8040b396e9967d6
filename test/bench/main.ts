/** `npm run bench`: realip against its peers, in turn, in one run. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { benchAgent } from './agent.ts';
import { benchCluster, plans } from './cluster/cluster.ts';
import { benchCni } from './cni.ts';
import { benchCrowd } from './crowd.ts';
import { benchEtcd } from './etcd/etcd.ts';
import { plans as etcdPlans } from './etcd/plan.ts';
import { benchIpam, benchSlowStore } from './ipam.ts';
import { benchLedgerSize, benchLedgerStart } from './ledger-start.ts';
import { benchMemory } from './memory.ts';
import { withTable } from './page.ts';
import { benchPaths } from './paths.ts';
import { benchStart } from './start.ts';
import { type Comparison, median } from './statistics.ts';
import { type Figure, markdown } from './table.ts';
import { benchWebhook } from './webhook.ts';

const dist = dirname(fileURLToPath(import.meta.url));
const page = join(dist, '..', 'docs', 'performance.md');
const bun = join(dist, '..', 'node_modules', '@oven', 'bun-linux-x64-baseline', 'bin', 'bun');
/** Run only when they are asked for: one wants Kubernetes, both take long. */
const apart = ['cluster', 'etcd'];
/** Those whose table has a place of its own on the page. */
const withPlace = ['etcd'];

const options = new Command('npm run bench --')
  .description('Measures realip against its peers, in turn, in one run. Let nothing else run meanwhile.')
  .option(
    '--only <part>',
    'cni, paths, ipam, webhook; or cluster or etcd, which are run only when they are asked for',
  )
  .option('--rounds <number>', 'pairs of ADD and DEL', '60')
  .option('--seconds <number>', 'length of one load', '5')
  .option('--minutes <number>', 'after so many no further round of the cluster’s begins', '15')
  .option('--quick', 'a few rounds of the cluster’s or etcd’s, to see whether they work')
  .option('--json <file>', 'also write every value measured to a file')
  .option('--write', 'put the table into docs/performance.md')
  .parse()
  .opts<{
    only?: string;
    rounds: string;
    seconds: string;
    minutes: string;
    quick?: boolean;
    json?: string;
    write?: boolean;
  }>();

// The table is of a whole run; a part's rows would take its place, unless it has a place of its own.
if (options.write === true && options.only !== undefined && !withPlace.includes(options.only)) {
  console.error(`--write needs a whole run, without --only, or --only ${withPlace.join(' or ')}`);
  process.exit(1);
}
if (options.write === true && options.quick === true) {
  console.error('--quick measures nothing that could be written');
  process.exit(1);
}
const rounds = Number(options.rounds);
const seconds = Number(options.seconds);
const comparisons: Comparison[] = [];
const figures: Figure[] = [];

function wants(part: string): boolean {
  return options.only === part || (options.only === undefined && !apart.includes(part));
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

if (wants('etcd')) {
  const plan = options.quick === true ? etcdPlans.quick : etcdPlans.whole;
  const etcd = await benchEtcd(dist, plan, console.error);
  comparisons.push(...etcd.comparisons);
  figures.push(...etcd.figures);
}

let phases = '';
if (wants('cluster')) {
  const wish = {
    plan: options.quick === true ? plans.quick : plans.whole,
    minutes: Number(options.minutes),
  };
  const cluster = await benchCluster(wish, console.error);
  comparisons.push(...cluster.comparisons);
  figures.push(...cluster.figures);
  phases = cluster.phases;
}

const table = markdown({ comparisons, figures }, new Date());
console.log(phases === '' ? table : `${table}\n${phases}`);
if (options.json !== undefined) {
  writeFileSync(options.json, `${JSON.stringify({ comparisons, figures }, undefined, 2)}\n`);
}
if (options.write === true) {
  writeFileSync(page, withTable(readFileSync(page, 'utf8'), options.only ?? null, table));
}
