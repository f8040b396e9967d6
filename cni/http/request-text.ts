import type { HttpRequest } from './http.ts';

/**
 * A request as HTTP/1.1 writes it (RFC 9112 §3).
 *
 * @throws Error for a path, an id or a token that would end its line
 */
export function requestText(request: HttpRequest, authority: string): string {
  const { method, url, body, token, id, waitSeconds } = request;
  const path = url.slice(url.indexOf(authority) + authority.length);
  const lines = [
    `${method} ${mustBeVisible('the path', path)} HTTP/1.1`,
    `Host: ${authority}`,
    'Accept: application/json',
  ];
  if (id !== undefined) {
    lines.push(`X-Request-Id: ${mustBeVisible('the request id', id)}`);
  }
  if (waitSeconds !== undefined) {
    lines.push(`Prefer: wait=${waitSeconds}`);
  }
  if (token !== undefined) {
    lines.push(`Authorization: Bearer ${mustBeVisible('the token', token)}`);
  }
  if (body !== undefined) {
    lines.push('Content-Type: application/json', `Content-Length: ${octetsOf(body)}`);
  }
  return `${lines.join('\r\n')}\r\n\r\n${body ?? ''}`;
}

function octetsOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Visible ASCII: no blank, no control character. */
function mustBeVisible(what: string, text: string): string {
  for (const sign of text) {
    if (sign <= ' ' || sign > '~') {
      throw new Error(`${what} holds a character that HTTP does not allow there`);
    }
  }
  return text;
}
