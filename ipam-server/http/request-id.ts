import type { IncomingMessage } from 'node:http';

/** What of a client's id goes into log lines and events as it is: nothing that could end or forge one. */
const acceptable = /^[\w.:-]{1,64}$/;

/** Different after each start, so that an id of ours names one request for as long as logs are kept. */
const start = Date.now().toString(36);
let count = 0;

/** The id of a request: its client's, from `X-Request-Id`, where that is an acceptable one, else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && acceptable.test(given)) {
    return given;
  }
  count += 1;
  return `srv-${start}-${count.toString(36)}`;
}
