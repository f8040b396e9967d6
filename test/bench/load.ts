import autocannon from 'autocannon';

/** What clients saw that each sent their next request when the last was answered. */
export interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** How many clients, and for how long. */
interface LoadShape {
  readonly clients: number;
  readonly seconds: number;
}

/**
 * Posts JSON by clients that keep their connection.
 *
 * @param bodyOf `RUN` in it becomes a text that no other load has
 * @throws Error when a request is refused or fails
 */
export async function httpLoad(
  url: string,
  bodyOf: (serial: number) => object,
  { clients, seconds }: LoadShape,
): Promise<Load> {
  let serial = 0;
  const run = `${process.pid}-${performance.now()}`;
  const result = await autocannon({
    url,
    connections: clients,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        setupRequest: (request) => {
          serial += 1;
          return { ...request, body: JSON.stringify(bodyOf(serial)).replaceAll('RUN', run) };
        },
      },
    ],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  }
  return { perSecond: result.requests.total / result.duration, p99: result.latency.p99 };
}
