/** `npm start`: the lab. A company's network in namespaces, with the real parts of realip in it. */
import { isatty } from 'node:tty';
import { Command } from 'commander';
import { removeLab, runningLab } from './leftovers.ts';
import { becomeRoot } from './privileges.ts';
import { tell } from './tell.ts';
import { Terminal } from './terminal.ts';

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

/** The status that a signal asks for; a step that breaks off meanwhile must not end the lab with its own. */
let asked: number | undefined;

/** On a signal: no further step begins, all that was made is removed, and the lab ends with the usual status. */
function endOnSignals(terminal: Terminal): void {
  let ending = false;
  for (const [signal, status] of Object.entries(signals)) {
    process.on(signal, async () => {
      if (ending) {
        return;
      }
      ending = true;
      asked = status;
      terminal.freeze();
      terminal.say('\nStopping; removing the lab …');
      // The step that was under way may still make something: remove until nothing is found.
      while ((await removeLab()) > 0);
      process.exit(status);
    });
  }
}

async function main(): Promise<number> {
  const program = new Command('npm start --')
    .description('Shows realip at work in network namespaces of this machine.')
    .option('--keep', 'leave the lab up, and say what to try')
    .option('--down', 'remove a lab that was left up');
  const { keep = false, down = false } = program.parse().opts<{ keep?: boolean; down?: boolean }>();
  const elsewhere = await becomeRoot();
  if (elsewhere !== undefined) {
    return elsewhere;
  }
  const running = runningLab();
  if (running !== undefined) {
    console.error(`Another lab is running (process ${running}); wait for it, or stop it with Ctrl-C.`);
    return 1;
  }
  const terminal = new Terminal(isatty(1), process.env);
  endOnSignals(terminal);
  const left = await removeLab();
  if (left > 0 || down) {
    terminal.say(`Removed what an earlier lab left (${left} namespaces).`);
  }
  if (down) {
    return 0;
  }
  const good = await tell(terminal, keep);
  if (!(keep && good)) {
    await removeLab();
  }
  return good ? 0 : 1;
}

const status = await main();
process.exitCode = asked ?? status;
