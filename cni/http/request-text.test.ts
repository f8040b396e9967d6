import type { HttpRequest } from './http.ts';
import { requestText } from './request-text.ts';

const request: HttpRequest = { method: 'GET', url: 'http://10.9.0.5:8080/v1/x?y=1', timeoutMs: 1 };
const authority = '10.9.0.5:8080';

test('a request without a body', () => {
  expect(requestText(request, authority)).toBe(
    'GET /v1/x?y=1 HTTP/1.1\r\nHost: 10.9.0.5:8080\r\nAccept: application/json\r\n\r\n',
  );
});

test('a body has its length in octets, a token its field', () => {
  const text = requestText({ ...request, method: 'POST', body: '{"a":"ü"}', token: 'abc' }, authority);
  expect(text).toContain('\r\nAuthorization: Bearer abc\r\n');
  expect(text).toMatch(/\r\nContent-Type: application\/json\r\nContent-Length: 10\r\n\r\n\{"a":"ü"\}$/);
});

test('a request has its id in a field', () => {
  const text = requestText({ ...request, id: 'add-c1-lz' }, authority);
  expect(text).toContain('\r\nX-Request-Id: add-c1-lz\r\n');
});

test('a request that may wait says how long', () => {
  expect(requestText({ ...request, waitSeconds: 8 }, authority)).toContain('\r\nPrefer: wait=8\r\n');
});

test('what would end a line or a word is refused', () => {
  for (const token of ['a\r\nX: y', 'a b', 'ü', 'a\0']) {
    expect(() => requestText({ ...request, token }, authority)).toThrow('the token holds a character');
  }
  const url = `${request.url} HTTP/1.1\r\nX: y`;
  expect(() => requestText({ ...request, url }, authority)).toThrow('the path holds a character');
});
