/** `npm run cluster`: a real Kubernetes cluster with realip, in namespaces of this machine. */
import { Command } from 'commander';
import { isThere, removeCluster } from './leftovers.ts';
import { LiveCluster } from './live-cluster.ts';
import { Place } from './place.ts';

const say = (line: string) => console.log(line);

const program = new Command('npm run cluster --').description(
  'A real Kubernetes cluster with realip, in namespaces of this machine.',
);

const command = (name: string, what: string) =>
  program
    .command(name)
    .description(what)
    .option('--name <name>', 'the cluster’s name', process.env['REALIP_CLUSTER'] ?? 'test');

command('up', 'bring it up')
  .option('--bare', 'without realip: flannel serves all nodes')
  .action(async ({ name, bare = false }: { name: string; bare?: boolean }) => {
    await LiveCluster.up({ name, bare, tell: say });
  });

command('down', 'remove it, also one that was left half up').action(async ({ name }: { name: string }) => {
  const place = new Place(name);
  const wasThere = isThere(place);
  await removeCluster(place);
  say(wasThere ? `The cluster ${name} is removed.` : `There is no cluster ${name}.`);
});

await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
