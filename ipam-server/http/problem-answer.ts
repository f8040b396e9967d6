import type { FastifyReply } from 'fastify';
import type { Problem } from '../../core/problem/problem.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** A problem as RFC 9457 writes it, with our code and advice; facts such as the live users are members too. */
export function problemBody(problem: Problem): string {
  const { status = 500, title, advice } = problem.kind;
  return JSON.stringify({
    ...problem.facts,
    type: `urn:realip:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    advice,
  });
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  const { status = 500 } = problem.kind;
  reply.code(status).header('content-type', problemType);
  if (status === 401) {
    reply.header('www-authenticate', 'Bearer');
  }
  if (status === 503) {
    reply.header('retry-after', '1');
  }
  return reply.send(problemBody(problem));
}
