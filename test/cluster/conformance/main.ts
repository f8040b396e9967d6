/** `npm run conformance`: Kubernetes' own network Conformance specs, on realip. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath } from 'node:url';
import { Command, Option } from 'commander';
import { Terminal } from '../../lab/terminal.ts';
import { useDataplane } from '../dataplane.ts';
import { conformanceImages } from '../image/conformance-images.ts';
import { LiveCluster } from '../live-cluster.ts';
import { OwnCluster } from '../own-cluster.ts';
import { EndToEnd, listSpecs } from './e2e.ts';
import { exceptions } from './exceptions.ts';
import { type Judgement, type Plane, strangers, sumOf } from './judgement.ts';
import { sectionOf, shortName, withSection } from './page.ts';
import { runSpecs } from './run.ts';
import { setStage } from './stage.ts';
import { versionsOf } from './versions.ts';

interface Options {
  readonly plane: Plane | 'both';
  readonly focus?: string;
  readonly list?: boolean;
  readonly write?: boolean;
  readonly keep?: boolean;
}

const dist = dirname(fileURLToPath(import.meta.url));
const root = dirname(dist);
const page = join(root, 'docs', 'conformance.md');
const terminal = new Terminal(isatty(1), process.env);

const options = new Command('npm run conformance --')
  .description('Runs Kubernetes’ own network Conformance specs on realip, on a cluster of its own.')
  .addOption(
    new Option('--plane <plane>', 'the data plane').choices(['macvlan', 'ptp', 'both']).default('both'),
  )
  .option('--focus <words>', 'only specs whose names hold these words')
  .option('--list', 'print the specs’ names, and end')
  .option('--write', 'put what was seen into docs/conformance.md')
  .option('--keep', 'leave the cluster up')
  .parse()
  .opts<Options>();

/** @throws Error when no spec is meant */
function chosen(all: readonly string[]): string[] {
  const specs = all.filter((spec) => spec.includes(options.focus ?? ''));
  if (specs.length === 0) {
    throw new Error(`No spec’s name holds “${options.focus}”; --list prints them.`);
  }
  if (options.write === true && specs.length < all.length) {
    throw new Error('--write takes a run of all specs: leave --focus away.');
  }
  return specs;
}

/** Runs specs in the data planes asked for; @returns whether all went as it should */
async function run({ place, ending }: OwnCluster, specs: readonly string[]): Promise<boolean> {
  const began = performance.now();
  terminal.chapter('A cluster, with realip as docs/install.md tells');
  const images = conformanceImages();
  const cluster = await LiveCluster.up({ name: place.name, images, tell: (line) => terminal.note(line) });
  await setStage(cluster);
  const versions = await versionsOf(cluster, root);
  const suite = new EndToEnd(cluster);
  const all: Judgement[] = [];
  for (const plane of options.plane === 'both' ? (['macvlan', 'ptp'] as const) : [options.plane]) {
    terminal.chapter(`${specs.length} specs on ${plane}`);
    if (plane !== 'macvlan') {
      await useDataplane(cluster, plane);
    }
    const folder = join(dist, 'conformance', plane);
    const judgements = await runSpecs(terminal, { suite, specs, plane, folder, ending });
    all.push(...judgements);
    terminal.say(`  ${plane}: ${sumOf(judgements)}; logs and junit.xml: ${folder}`);
    if (options.write === true) {
      const section = sectionOf(judgements, versions, new Date().toISOString().slice(0, 10));
      writeFileSync(page, withSection(readFileSync(page, 'utf8'), plane, section));
    }
  }
  cluster.close();
  const failed = all.filter(({ state }) => state === 'failed');
  terminal.say();
  for (const { name, why } of failed) {
    terminal.say(`${terminal.style('red', '✘')} ${shortName(name)}: ${why.slice(0, 300)}`);
  }
  terminal.say(`${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
  terminal.say(sumOf(all));
  return failed.length === 0;
}

async function main(): Promise<void> {
  const all = listSpecs();
  const strange = strangers(all, exceptions);
  if (strange.length > 0) {
    throw new Error(`exceptions.ts names specs that are none: ${strange.join('; ')}`);
  }
  const specs = chosen(all);
  if (options.list === true) {
    terminal.say(specs.join('\n'));
    return;
  }
  const cluster = new OwnCluster('conformance', 'conformance.js');
  if (cluster.refusal !== undefined) {
    throw new Error(cluster.refusal);
  }
  const isGood = await cluster.during(() => run(cluster, specs), { terminal, keep: options.keep === true });
  process.exitCode = isGood ? 0 : 1;
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode ??= 1;
});
