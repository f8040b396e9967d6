/** `npm run story`: what realip is for, told on a real cluster in namespaces of this machine. */
import { existsSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { Command } from 'commander';
import { Terminal } from '../../lab/terminal.ts';
import { isThere, removeCluster } from '../leftovers.ts';
import { Place } from '../place.ts';
import { readState } from '../state.ts';
import { tell } from './tell.ts';

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

const place = new Place('story');

/** The status that a signal asks for; a step that breaks off meanwhile must not end the story with its own. */
let asked: number | undefined;

/** On a signal: no further step begins, the cluster is removed, and the story ends with the usual status. */
function endOnSignals(terminal: Terminal): void {
  for (const [signal, status] of Object.entries(signals)) {
    process.on(signal, async () => {
      if (asked !== undefined) {
        return;
      }
      asked = status;
      terminal.freeze();
      terminal.say('\nStopping; removing the cluster …');
      await removeCluster(place);
      process.exit(status);
    });
  }
}

/** Another process that tells the story now. */
function otherTeller(): number | undefined {
  const by = readState(place)?.by;
  const command = `/proc/${by}/cmdline`;
  return existsSync(command) && readFileSync(command, 'utf8').includes('story.js') ? by : undefined;
}

async function main(): Promise<number> {
  const program = new Command('npm run story --')
    .description('Tells what realip is for, on a real cluster in namespaces of this machine.')
    .option('--keep', 'leave the cluster up, with the pods in it');
  const { keep = false } = program.parse().opts<{ keep?: boolean }>();
  const other = otherTeller();
  if (other !== undefined) {
    console.error(`The story is being told by process ${other}; wait for it, or stop it with Ctrl-C.`);
    return 1;
  }
  const terminal = new Terminal(isatty(1), process.env);
  endOnSignals(terminal);
  const good = await tell(terminal, place.name, keep);
  if (!keep && isThere(place)) {
    await removeCluster(place);
  }
  return good ? 0 : 1;
}

const status = await main();
process.exitCode = asked ?? status;
