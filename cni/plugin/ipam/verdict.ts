import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import type { HttpAnswer } from '../../http/http.ts';

/** Codes such as ECONNREFUSED say it better than the sentences that come with them. */
export function whySilent(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) {
    return reasonOf(error);
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return error.name === 'TimeoutError' ? `silent for ${timeoutMs} ms` : code;
}

/** RFC 9457 problem of an answer, if it is one. */
export function refusalOf(answer: HttpAnswer): { detail: string; code: string } | undefined {
  try {
    const { detail, code }: { detail?: unknown; code?: unknown } = JSON.parse(answer.body);
    return typeof detail === 'string' && typeof code === 'string' ? { detail, code } : undefined;
  } catch {
    return undefined;
  }
}

/** Why an answer is none of an IPAM server, but of a proxy, a load balancer or a stranger; undefined when it is one. */
export function strangeness(answer: HttpAnswer): string | undefined {
  const { status, body } = answer;
  if (status >= 300) {
    return refusalOf(answer) ? undefined : `HTTP ${status} without a problem of an IPAM server`;
  }
  const isReadable = status === 204 || body.trimStart().startsWith('{');
  return isReadable ? undefined : `HTTP ${status} with a body that is no JSON object`;
}

/** What passes by itself: none is free, or the pod's own address is not free yet. The runtime tries again. */
const notYet = [
  ...['RANGE_EXHAUSTED', 'RESERVATION_HELD', 'RESERVATION_EXHAUSTED'],
  ...['ADDRESS_WARM', 'ADDRESS_COOLING', 'ADDRESS_QUARANTINED'],
];

/**
 * The answer, if it is no refusal.
 *
 * @param who says it: "the IPAM server"
 * @throws Problem what the refusal means to a runtime
 */
export function accept(answer: HttpAnswer, who: string, requestId: string): HttpAnswer {
  const refusal = answer.status < 300 ? undefined : refusalOf(answer);
  if (refusal === undefined) {
    return answer;
  }
  const words = `${who} says: ${refusal.detail} (${refusal.code}) [request ${requestId}]`;
  throw new Problem(codeOf(answer.status, refusal.code), words);
}

function codeOf(status: number, code: string): ProblemCode {
  if (notYet.includes(code)) {
    return 'IPAM_NONE_FREE';
  }
  if (status >= 500) {
    return 'IPAM_AWAY';
  }
  return status === 401 || status === 403 ? 'IPAM_UNAUTHORIZED' : 'IPAM_REFUSED';
}
