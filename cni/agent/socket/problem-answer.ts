import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import { Refusal } from '../server/refusal.ts';

/** An answer of the socket, before it is octets. */
export interface SocketAnswer {
  readonly status: number;
  /** JSON text, or a page of metrics; absent: no body. */
  readonly body?: string;
  /** Default application/json. */
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const noContent: SocketAnswer = { status: 204 };

export function json(value: object, status = 200): SocketAnswer {
  return { status, body: JSON.stringify(value) };
}

const problemType = 'application/problem+json; charset=utf-8';

/** What was thrown, as RFC 9457 writes it with our code and advice; the server's own refusal is passed on as it is. */
export function problemAnswer(error: unknown): SocketAnswer {
  if (error instanceof Refusal) {
    return problemOf(error.status, error.body);
  }
  const problem =
    error instanceof Problem ? error : new Problem('INTERNAL_ERROR', 'the agent made a mistake', {}, error);
  const { title, advice } = problem.kind;
  const status = problem.kind.status ?? (problem.code === 'IPAM_ANSWER_UNREADABLE' ? 503 : 500);
  const type = `urn:realip:problem:${problem.code}`;
  const { code, facts, message: detail } = problem;
  const answer = problemOf(status, JSON.stringify({ ...facts, type, title, status, detail, code, advice }));
  const { allow } = facts;
  return typeof allow === 'string' ? { ...answer, headers: { ...answer.headers, allow } } : answer;
}

function problemOf(status: number, body: string): SocketAnswer {
  return { status, body, type: problemType, ...(status === 503 ? { headers: { 'retry-after': '1' } } : {}) };
}

/** What a log line says of an error that nobody foresaw; undefined for one that was. */
export function mistakeOf(error: unknown): string | undefined {
  if (error instanceof Refusal || (error instanceof Problem && error.code !== 'INTERNAL_ERROR')) {
    return undefined;
  }
  return error instanceof Error ? (error.stack ?? error.message) : reasonOf(error);
}
