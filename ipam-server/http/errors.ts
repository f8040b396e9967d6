import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'winston';
import { Problem } from '../../core/problem/problem.ts';
import type { ProblemCode } from '../../core/problem/registry.ts';
import type { AllocationRequest } from '../../schema/allocation.ts';
import type { ExhaustionLog } from './exhaustion-log.ts';
import { sendProblem } from './problem-answer.ts';
import { invalidRequest } from './validation.ts';

/** What fastify itself refuses, in our words; everything else of its 4xx is an invalid request. */
const refusals: Readonly<Record<string, readonly [code: ProblemCode, detail: string]>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: ['MEDIA_TYPE_UNSUPPORTED', 'the body is not announced as application/json'],
};

/** Octets of a MiB. */
const mebi = 1024 * 1024;

/**
 * Anything thrown while a request was worked on, as a problem.
 *
 * @param bodyLimit the longest body of the call, in octets
 */
export function problemOf(error: unknown, bodyLimit = mebi): Problem {
  if (error instanceof Problem) {
    // A problem without a status is none that a client can cause.
    return error.kind.status === undefined ? mistake(error) : error;
  }
  const { code, statusCode, validation, validationContext, message } = error as Partial<FastifyError>;
  const [first] = validation ?? [];
  if (first !== undefined) {
    return invalidRequest(validationContext ?? 'request', first);
  }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return bodyTooLarge(bodyLimit);
  }
  const refusal = refusals[code ?? ''];
  if (refusal !== undefined) {
    return new Problem(...refusal);
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem('INVALID_REQUEST', message ?? 'the request cannot be read');
  }
  return mistake(error);
}

/** @param limit the longest body of the call, in octets */
export function bodyTooLarge(limit: number): Problem {
  return new Problem('BODY_TOO_LARGE', `the body has more than ${limit / mebi} MiB`);
}

function mistake(error: unknown): Problem {
  return new Problem('INTERNAL_ERROR', 'the request failed inside the server', {}, error);
}

/** fastify’s error handler: every error becomes problem+json, and the server’s own mistakes are logged. */
export function errorHandler(log: Logger, exhaustion: ExhaustionLog) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, request.routeOptions.bodyLimit);
    // A store that fails is logged once, where it fails, and not by each call that waits for it.
    if (problem.code === 'INTERNAL_ERROR') {
      log.error(problem.message, {
        request: request.id,
        method: request.method,
        url: request.url,
        stack: problem.cause instanceof Error ? problem.cause.stack : String(problem.cause),
      });
    } else if (problem.code === 'RANGE_EXHAUSTED') {
      // Only an allocation, whose body was found to be one, ends so.
      exhaustion.tell(problem, request.body as AllocationRequest, request.id);
    }
    return sendProblem(reply, problem);
  };
}
