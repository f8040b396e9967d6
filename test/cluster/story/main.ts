/** `npm run story`: what realip is for, told on a real cluster in namespaces of this machine. */
import { isatty } from 'node:tty';
import { Command } from 'commander';
import { Terminal } from '../../lab/terminal.ts';
import { OwnCluster } from '../own-cluster.ts';
import { tell } from './tell.ts';

const { keep = false } = new Command('npm run story --')
  .description('Tells what realip is for, on a real cluster in namespaces of this machine.')
  .option('--keep', 'leave the cluster up, with the pods in it')
  .parse()
  .opts<{ keep?: boolean }>();
const cluster = new OwnCluster('story', 'story.js');
if (cluster.refusal === undefined) {
  const terminal = new Terminal(isatty(1), process.env);
  const isGood = await cluster.during(() => tell(terminal, cluster.place.name, keep), { terminal, keep });
  process.exitCode = isGood ? 0 : 1;
} else {
  console.error(cluster.refusal);
  process.exitCode = 1;
}
