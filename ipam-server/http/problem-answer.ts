import type { FastifyReply } from 'fastify';
import type { Problem } from '../../core/problem/problem.ts';
import type { ProblemAnswer } from '../../schema/problem.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** A problem as RFC 9457 writes it, with our code and advice; facts such as the live users are members too. */
export function problemMembers(problem: Problem): ProblemAnswer {
  const { status = 500, title, advice } = problem.kind;
  return {
    ...problem.facts,
    type: `urn:realip:problem:${problem.code}`,
    title,
    status,
    detail: problem.message,
    code: problem.code,
    advice,
  };
}

/** A problem as the text of an answer. */
export function problemBody(problem: Problem): string {
  return JSON.stringify(problemMembers(problem));
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
