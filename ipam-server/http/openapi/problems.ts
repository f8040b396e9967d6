import { Problem } from '../../../core/problem/problem.ts';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import { problemKinds } from '../../../core/problem/registry.ts';
import type { FormatName } from '../../../schema/format.ts';
import { formats } from '../../../schema/format.ts';
import { ProblemAnswer } from '../../../schema/problem.ts';
import type { Access } from '../access.ts';
import { problemBody, problemType } from '../problem-answer.ts';

/** What is answered to a text that is not of a format. */
const codesOfFormat: Readonly<Record<FormatName, readonly ProblemCode[]>> = {
  ip: ['INVALID_ADDRESS'],
  cidr: ['INVALID_PREFIX', 'INVALID_ADDRESS'],
  'ip-with-prefix': ['INVALID_PREFIX', 'INVALID_ADDRESS'],
  'ip-range': ['INVALID_RANGE', 'INVALID_ADDRESS'],
  mac: ['INVALID_MAC'],
  'seen-mac': ['INVALID_MAC'],
  'mac-prefix': ['INVALID_MAC'],
  'dns-1123-subdomain': ['INVALID_NAME'],
  'cni-name': ['INVALID_NAME'],
  'device-name': ['INVALID_NAME'],
  'time-span': ['INVALID_REQUEST'],
};

/** An operation as far as it says what may go wrong. */
export interface Fallible {
  readonly method: string;
  readonly url: string;
  readonly access: Access;
  /** The schemas of parameters, query and body. */
  readonly input: unknown;
  /** What the operation itself answers. */
  readonly own: readonly ProblemCode[];
}

/** Every code that an operation may answer: what it says itself, and what goes with its shape. */
export function codesOf({ method, url, access, input, own }: Fallible): ProblemCode[] {
  const codes = new Set<ProblemCode>(['INTERNAL_ERROR', ...own]);
  const add = (...more: readonly ProblemCode[]) => more.forEach((code) => void codes.add(code));
  if (url.startsWith('/v1/')) {
    add('INVALID_REQUEST', 'STORE_UNAVAILABLE', 'NOT_LEADING');
  }
  if (access !== 'nobody') {
    add('TOKEN_MISSING', 'ROLE_INSUFFICIENT', 'SHUTTING_DOWN', 'KUBE_UNAVAILABLE', 'OVERLOADED');
  }
  if (method !== 'GET') {
    add('INVALID_JSON', 'BODY_TOO_LARGE', 'MEDIA_TYPE_UNSUPPORTED');
  }
  visit(input, (part) => {
    const { format, properties } = part as { format?: unknown; properties?: object };
    if (typeof format === 'string' && format in formats) {
      add(...codesOfFormat[format as FormatName]);
    }
    if (properties && 'cursor' in properties) {
      add('INVALID_CURSOR');
    }
  });
  return [...codes].sort();
}

function visit(part: unknown, see: (part: object) => void): void {
  if (typeof part === 'object' && part !== null) {
    see(part);
    for (const each of Object.values(part)) {
      visit(each, see);
    }
  }
}

/** The status that a code is answered with. */
export function statusOf(code: ProblemCode): number {
  return problemKinds[code].status ?? 500;
}

const mediaType = problemType.split(';', 1)[0] ?? '';

const retryAfter = {
  description: 'Seconds after which the call may be repeated.',
  schema: { type: 'integer', minimum: 0 },
};
const authenticate = { description: 'How to say who calls.', schema: { type: 'string', const: 'Bearer' } };

/** The answer of one status with some of its codes; its examples are components of their own. */
export function problemResponse(status: number, codes: readonly ProblemCode[]) {
  const headers = {
    ...(status === 401 ? { 'WWW-Authenticate': authenticate } : {}),
    ...(status === 429 || status === 503 ? { 'Retry-After': retryAfter } : {}),
  };
  return {
    description: codes.map((code) => `${code}: ${problemKinds[code].title}`).join(' '),
    ...(Object.keys(headers).length === 0 ? {} : { headers }),
    content: {
      [mediaType]: {
        schema: {
          allOf: [ProblemAnswer],
          properties: { status: { const: status }, code: { enum: codes } },
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}

/** A code’s example, as a component. */
export function problemExample(code: ProblemCode) {
  const { title, advice } = problemKinds[code];
  return { summary: title, description: advice, value: JSON.parse(problemBody(new Problem(code, title))) };
}
