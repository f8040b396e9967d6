import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/**
 * How many times slower than alone a program is likely to be on this machine just now, 1 at least: by how many want a
 * processor. For limits on time, which say something of the product only where it has the machine for itself.
 */
export function slowness(): number {
  // Average of a minute, of five, of fifteen; those that run now out of all.
  const [minute = 1, , , now = '1/1'] = readFileSync('/proc/loadavg', 'utf8').split(' ');
  return Math.max(
    1,
    Number(minute) / availableParallelism(),
    Number.parseInt(String(now), 10) / availableParallelism(),
  );
}
