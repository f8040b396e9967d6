/** `npm run cluster`: a real Kubernetes cluster with realip, in namespaces of this machine. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Command } from 'commander';
import { nodeStore } from './images.ts';
import { isThere, removeCluster } from './leftovers.ts';
import { LiveCluster } from './live-cluster.ts';
import { pageOf } from './page.ts';
import { provideParts } from './parts.ts';
import { Place } from './place.ts';
import { openShell } from './shell.ts';
import { statusOf } from './status.ts';

interface Options {
  readonly name: string;
  readonly bare?: boolean;
}

const say = (line: string) => console.log(line);

const program = new Command('npm run cluster --').description(
  'A real Kubernetes cluster with realip, in namespaces of this machine.',
);

function command(name: string, what: string, hidden = false): Command {
  const usual = process.env['REALIP_CLUSTER'] ?? 'test';
  return program
    .command(name, { hidden })
    .description(what)
    .option('--name <name>', 'the cluster’s name', usual);
}

/** @throws Error when it isn't up */
function running(name: string): LiveCluster {
  const cluster = LiveCluster.attach(name);
  if (cluster === null) {
    throw new Error(`The cluster ${name} is not up: npm run cluster -- up --name ${name}`);
  }
  return cluster;
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Brings it up in a process of its own, which can be ended at any moment, and is, with this one. On a signal what was
 * made is removed, and the status is the usual one.
 */
async function up({ name, bare = false }: Options): Promise<void> {
  const place = new Place(name);
  if (LiveCluster.attach(name) !== null) {
    throw new Error(`The cluster ${name} is up already; npm run cluster -- down --name ${name} removes it.`);
  }
  const again = [
    process.execPath,
    process.argv[1] ?? '',
    'raise',
    '--name',
    name,
    ...(bare ? ['--bare'] : []),
  ];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...again], { stdio: 'inherit' });
  const ended = once(child, 'exit');
  let asked: number | undefined;
  for (const [signal, status] of Object.entries(signals)) {
    process.on(signal, () => {
      asked ??= status;
      child.kill('SIGKILL');
    });
  }
  const [status] = await ended;
  if (asked !== undefined) {
    say('Stopping; removing the cluster …');
    await removeCluster(place);
  }
  process.exitCode = asked ?? status ?? 1;
}

async function raise({ name, bare = false }: Options): Promise<void> {
  const cluster = await LiveCluster.up({ name, bare, tell: say });
  say(`\n${await statusOf(cluster)}\n${pointers(new Place(name))}`);
  cluster.close();
}

/** What one may do next. */
function pointers(place: Place): string {
  const page = pageOf(place);
  const name = place.name === 'test' ? '' : ` --name ${place.name}`;
  return [
    '',
    ...(page === null ? [] : [`web page   ${page}   (token: ${place.file('admin', 'admin-token')})`]),
    `shell      npm run cluster -- shell${name}`,
    `remove     npm run cluster -- down${name}`,
  ].join('\n');
}

command('up', 'bring it up').option('--bare', 'without realip: flannel serves all nodes').action(up);

command('raise', 'the same, in this process', true).option('--bare').action(raise);

command('status', 'show nodes, pods and addresses').action(async ({ name }: Options) => {
  const cluster = running(name);
  say(`${await statusOf(cluster)}\n${pointers(new Place(name))}`);
  cluster.close();
});

command('shell', 'open a shell beside the API server, with kubectl').action(async ({ name }: Options) => {
  const cluster = running(name);
  process.exitCode = await openShell(cluster);
  cluster.close();
});

command('down', 'remove it, also one that was left half up').action(async ({ name }: Options) => {
  const place = new Place(name);
  const wasThere = isThere(place);
  await removeCluster(place);
  say(wasThere ? `The cluster ${name} is removed.` : `There is no cluster ${name}.`);
});

program
  .command('build')
  .description('build what clusters are made of, once: Kubernetes, containerd, flannel, CoreDNS and others')
  .action(async () => {
    provideParts(say);
    await nodeStore();
  });

await program.parseAsync().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
