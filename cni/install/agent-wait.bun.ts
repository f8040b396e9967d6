import { Problem, reasonOf } from '../../core/problem/problem.ts';

const betweenMs = 200;
/** Longest wait for one answer. */
const answerMs = 2_000;

/**
 * Waits until the node's agent answers on its socket: it does so also while the server is away.
 *
 * @param limitMs 0: it is asked once
 * @throws Problem INSTALL_AGENT_AWAY with what the last question met
 */
export async function awaitAgent(socket: string, limitMs: number): Promise<void> {
  const end = performance.now() + limitMs;
  for (;;) {
    const fault = await faultOf(socket);
    if (fault === undefined) {
      return;
    }
    if (performance.now() + betweenMs > end) {
      throw new Problem('INSTALL_AGENT_AWAY', `${socket}: ${fault}; waited ${limitMs / 1000} s for it`);
    }
    await Bun.sleep(betweenMs);
  }
}

/** @returns why the agent isn't ready; undefined when it is */
export async function faultOf(socket: string): Promise<string | undefined> {
  try {
    const answer = await fetch('http://agent/healthz', {
      unix: socket,
      signal: AbortSignal.timeout(answerMs),
    });
    await answer.body?.cancel();
    return answer.ok ? undefined : `the agent answers ${answer.status}`;
  } catch (error) {
    return inWords(error);
  }
}

function inWords(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'FailedToOpenSocket':
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ConnectionRefused':
      return 'no agent listens there';
    default:
      return reasonOf(error);
  }
}
