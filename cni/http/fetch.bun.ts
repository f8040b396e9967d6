import type { HttpAnswer, HttpRequest } from './http.ts';

/** Runtimes often run with HTTP_PROXY set for pulling images; the server is on the node's own network. */
function goStraight(): void {
  process.env['NO_PROXY'] = process.env['no_proxy'] = '*';
}

/** Sends by Bun's fetch: HTTPS, and servers whose names must be looked up. */
export async function sendByFetch(request: HttpRequest): Promise<HttpAnswer> {
  goStraight();
  const { method, url, body, token, id, ca, timeoutMs, signal } = request;
  const inTime = AbortSignal.timeout(timeoutMs);
  const answer = await fetch(url, {
    method,
    headers: {
      ...(id === undefined ? {} : { 'x-request-id': id }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    // A redirect to another host would take the token there or drop it.
    redirect: 'manual',
    signal: signal === undefined ? inTime : AbortSignal.any([inTime, signal]),
    ...(body === undefined ? {} : { body }),
    ...(ca === undefined ? {} : { tls: { ca } }),
  });
  return { status: answer.status, body: await answer.text() };
}
