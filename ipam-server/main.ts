#!/usr/bin/env node
import { CommanderError } from 'commander';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { serve } from './serve.ts';

serve(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof CommanderError && error.exitCode === 0) {
    process.exit(0);
  }
  const explained = error instanceof Problem ? ` ${error.kind.title} ${error.kind.advice}` : '';
  process.stderr.write(`realip-ipam-server: ${reasonOf(error)}.${explained}\n`);
  process.exit(1);
});
