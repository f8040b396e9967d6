import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { reasonOf } from '../core/problem/problem.ts';
import { StartError } from './start-error.ts';

/** @throws StartError in the form of a policy's mistakes, so that one parser of the output reads all. */
export function readStartFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartError([`${file}:1: the file can't be read: ${reasonOf(error)}`]);
  }
}
