#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { isSubcommand, runSubcommand } from './command/subcommands.ts';
import { serve } from './serve.ts';
import { sqliteWorker } from './store/sqlite-thread.ts';

const args = process.argv.slice(2);

(isSubcommand(args) ? runSubcommand(args, sqliteWorker) : serve(args)).catch((error: unknown) => {
  if (error instanceof CommanderError && error.exitCode === 0) {
    process.exit(0);
  }
  const explained = error instanceof Problem ? ` ${error.kind.title} ${error.kind.advice}` : '';
  process.stderr.write(`realip-ipam-server: ${reasonOf(error)}.${explained}\n`);
  process.exit(1);
});
