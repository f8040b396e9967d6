#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { commandFor } from './command/commands.ts';
import { keepHeapSmall } from './small-heap.ts';
import { StartError } from './start-error.ts';

keepHeapSmall();

let failure = 1;

async function main(): Promise<void> {
  const { command, args } = commandFor(process.argv.slice(2));
  failure = command.failure;
  process.exitCode = await command.run(args);
}

main().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    // What there is to say, commander has said.
    process.exit(error.exitCode === 0 ? 0 : failure);
  }
  const lines = error instanceof StartError ? error.lines : [`realip-webhook: ${reasonOf(error)}`];
  const advice = error instanceof Problem ? [`${error.kind.advice} (${error.code})`] : [];
  process.stderr.write(`${[...lines, ...advice].join('\n')}\n`, () => process.exit(failure));
});
