import type { ProblemKind } from './kind.ts';

/** What keeps either server from starting. */
export const serviceKinds = {
  FLAG_INVALID: {
    title: 'A flag has no usable value, or the flags cannot be used together.',
    advice: 'Run the program with --help to see its flags.',
  },
} as const satisfies Record<string, ProblemKind>;
