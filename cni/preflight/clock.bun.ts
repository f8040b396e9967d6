import { error, type Finding, warning } from './finding.ts';

/** So many seconds wrong, nobody notices. */
const tolerable = 30;
/** So long after the end of a warm address's time the server gives it to others (docs/ipam/nodes.md). */
const skew = 300;

/**
 * Holds this node's clock against the server's (the field Date of an answer): by its own clock the agent decides
 * whether it may give an address still while the server is away.
 */
export async function judgeClock(url: string, ca: string | undefined, timeoutMs: number): Promise<Finding[]> {
  const date = await dateOf(url, ca, timeoutMs);
  const seconds = date === undefined ? 0 : Math.round((Date.now() - date) / 1_000);
  const off = Math.abs(seconds);
  if (off < tolerable) {
    return [];
  }
  const words = `this node's clock is ${off} seconds ${seconds > 0 ? 'ahead of' : 'behind'} that of ${url}`;
  const cure = 'Let both keep time by NTP: timedatectl set-ntp true; chronyc tracking.';
  return [(off < skew ? warning : error)('clock-skew', words, cure)];
}

/** Undefined where the server doesn't answer, which another finding tells of. */
async function dateOf(url: string, ca: string | undefined, timeoutMs: number): Promise<number | undefined> {
  try {
    const answer = await fetch(`${url}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      ...(ca === undefined ? {} : { tls: { ca } }),
    });
    await answer.body?.cancel();
    const date = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(date) ? undefined : date;
  } catch {
    return undefined;
  }
}
