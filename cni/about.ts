import { version } from '../package.json' with { type: 'json' };
import { printLine } from './plugin/streams.bun.ts';

/** What the executable says when nobody says what it shall do, as the CNI specification's plugins do. */
export function printAbout(): void {
  printLine(`realip ${version}: CNI plugin for real IP addresses; CNI protocol versions 0.1.0 to 1.1.0`);
}
