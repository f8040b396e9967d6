import { version } from '../package.json' with { type: 'json' };
import { printLine, printOutput } from './plugin/streams.ts';

const usage = `realip gives pods real addresses on the physical network.

Container runtimes call it as a CNI plugin, with CNI_COMMAND and its fellows set.
  realip version   print the version
Configuration: docs/cni.md`;

/** A subcommand typed by an admin. @returns the exit status */
export function runCommand([name = '']: readonly string[]): number {
  switch (name) {
    case 'version':
      printOutput(`realip ${version}`);
      return 0;
    case 'help':
    case '--help':
    case '-h':
      printOutput(usage);
      return 0;
    default:
      printLine(`realip: there is no subcommand "${name}"\n\n${usage}`);
      return 2;
  }
}

/** What the executable says when nobody says what it shall do, as the CNI specification's plugins do. */
export function printAbout(): void {
  printLine(`realip ${version}: CNI plugin for real IP addresses; CNI protocol versions 0.1.0 to 1.1.0`);
}
