import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Terminal } from '../../lab/terminal.ts';
import type { EndToEnd } from './e2e.ts';
import { exceptions } from './exceptions.ts';
import { type Judgement, judge, type Plane } from './judgement.ts';
import { type Case, junitOf } from './junit.ts';
import { shortName } from './page.ts';

/** One that can't succeed would wait for five minutes, several times over. */
const longestSpecMs = 420_000;

/** Specs mostly wait; more would wait for each other. None of these is marked as one that must run alone. */
const atOnce = 3;

/** For one data plane. */
const longestMs = 3_600_000;

interface Run {
  readonly suite: EndToEnd;
  readonly specs: readonly string[];
  readonly plane: Plane;
  /** Where each spec's log goes, and the report of all as `junit.xml`. */
  readonly folder: string;
  /** Aborted when the cluster goes. */
  readonly ending: AbortSignal;
}

/**
 * Runs specs, a few at once, on a cluster that is set for it, and tells of each when it has ended.
 *
 * @throws Error when the cluster goes meanwhile
 */
export async function runSpecs(
  terminal: Terminal,
  { suite, specs, plane, folder, ending }: Run,
): Promise<Judgement[]> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const end = performance.now() + longestMs;
  const waiting = [...specs.entries()];
  const cases: Case[] = [];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, spec] = next;
      const left = Math.min(end - performance.now(), longestSpecMs);
      const found =
        left > 0
          ? await suite.run(spec, left, join(folder, `${index + 1}.log`))
          : { name: spec, state: 'failed' as const, seconds: 0, why: 'not run: no time was left' };
      ending.throwIfAborted();
      cases.push(found);
      tell(terminal, `${cases.length}/${specs.length}`, judge([found], exceptions, plane));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  writeFileSync(join(folder, 'junit.xml'), junitOf(`realip ${plane}`, cases));
  return judge(cases, exceptions, plane);
}

function tell(terminal: Terminal, count: string, judgements: readonly Judgement[]): void {
  for (const { name, state, seconds, why, isSurprise } of judgements) {
    const mark = {
      passed: terminal.style('green', '✔'),
      failed: terminal.style('red', '✘'),
      excused: terminal.style('cyan', '–'),
    }[state];
    terminal.say(`  ${mark} ${count.padStart(5)}  ${seconds.toFixed(0).padStart(3)} s  ${shortName(name)}`);
    if (state !== 'passed') {
      terminal.say(`        ${state === 'excused' ? 'can’t' : 'failed'}: ${why.slice(0, 1000)}`);
    } else if (isSurprise) {
      terminal.say('        passed, although test/cluster/conformance/exceptions.ts says that it can’t');
    }
  }
}
