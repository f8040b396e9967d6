/**
 * `parts.js NAME…`: builds parts of the catalogue that aren't cached yet, in this order, and says on standard output
 * `there NAME` of each, first of those that are, then `looked`, and where one can't be built `failed NAME` and why.
 * `scripts/test.mjs` runs it beside the suites that need none of them.
 */
import * as catalogue from './catalogue.ts';
import type { GoPart } from './declaration.ts';
import { goPart, isBuilt } from './go-part.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);
const parts = Object.values(catalogue).filter((each): each is GoPart => 'module' in each);
const wanted = process.argv.slice(2).map((name) => {
  const part = parts.find((each) => each.name === name);
  if (part === undefined) {
    throw new Error(`no part is called ${name}; there are ${parts.map((each) => each.name).join(', ')}`);
  }
  return part;
});
const there = wanted.filter(isBuilt);

for (const { name } of there) {
  say(`there ${name}`);
}
say('looked');
for (const part of wanted.filter((each) => !there.includes(each))) {
  try {
    goPart(part);
    say(`there ${part.name}`);
  } catch (error) {
    say(`failed ${part.name} ${String(error).replaceAll('\n', ' ')}`);
  }
}
