/**
 * `parts.js NAME…`: builds or fetches parts of the catalogue that aren't cached yet, and says on standard output
 * `there NAME` of each, first of those that are, then `looked`, and where one can't be had `failed NAME` and why.
 * Debian's parts (`debian-NAME`), which take seconds, come first, then the others in this order. `scripts/test.mjs`
 * runs it beside the suites that need none of them.
 */
import * as catalogue from './catalogue.ts';
import { debianPart, isFetched } from './debian-part.ts';
import { goPart, isBuilt } from './go-part.ts';

interface Wanted {
  readonly name: string;
  readonly isThere: () => boolean;
  readonly make: () => string;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const parts = Object.values(catalogue).map(
  (part): Wanted =>
    'module' in part
      ? { name: part.name, isThere: () => isBuilt(part), make: () => goPart(part) }
      : { name: `debian-${part.name}`, isThere: () => isFetched(part), make: () => debianPart(part) },
);
const wanted = process.argv
  .slice(2)
  .map((name) => {
    const part = parts.find((each) => each.name === name);
    if (part === undefined) {
      throw new Error(`no part is called ${name}; there are ${parts.map((each) => each.name).join(', ')}`);
    }
    return part;
  })
  .sort((a, b) => Number(b.name.startsWith('debian-')) - Number(a.name.startsWith('debian-')));
const there = wanted.filter(({ isThere }) => isThere());

for (const { name } of there) {
  say(`there ${name}`);
}
say('looked');
for (const { name, make } of wanted.filter((each) => !there.includes(each))) {
  try {
    make();
    say(`there ${name}`);
  } catch (error) {
    say(`failed ${name} ${String(error).replaceAll('\n', ' ')}`);
  }
}
