import type { ProblemKind } from './kind.ts';

/** What keeps either server from starting. */
export const serviceKinds = {
  FLAG_INVALID: {
    title: 'A flag has no usable value, or the flags cannot be used together.',
    advice: 'Run the program with --help to see its flags.',
  },
  CERTIFICATE_INVALID: {
    title: 'The certificate can’t be used to serve TLS.',
    advice: 'Give a PEM certificate that is valid today, with the private key that belongs to it.',
  },
} as const satisfies Record<string, ProblemKind>;
