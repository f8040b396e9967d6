import { isLoopback, parseFlags, parseListen } from './flags.ts';

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }, true],
  ['[::1]:0', { host: '::1', port: 0 }, true],
  ['localhost:80', { host: 'localhost', port: 80 }, true],
  [':8443', { host: '::', port: 8443 }, false],
  ['0.0.0.0:8443', { host: '0.0.0.0', port: 8443 }, false],
  ['127.evil.example:80', { host: '127.evil.example', port: 80 }, false],
])('%s is %j', (text, address, loopback) => {
  expect(parseListen(text)).toEqual(address);
  expect(isLoopback(address)).toBe(loopback);
});

test.each(['', '8080', '127.0.0.1', '127.0.0.1:65536', '::1:80', '127.0.0.1:x'])(
  '%j is no place to listen',
  (text) => {
    expect(() => parseListen(text)).toThrow('host:port');
  },
);

test('without tokens only loopback is listened on, beyond it TLS or an explicit word is needed', () => {
  const flags = (...args: string[]) => parseFlags(['--store', 'memory:', ...args]);
  expect(flags().listen).toEqual({ host: '127.0.0.1', port: 8080 });
  expect(() => flags('--listen', ':80')).toThrow('--tokens');
  expect(() => flags('--listen', ':80', '--tokens', 'f')).toThrow('--insecure-http');
  expect(flags('--listen', ':80', '--tokens', 'f', '--insecure-http').insecureHttp).toBe(true);
  expect(flags('--listen', ':80', '--tokens', 'f', '--tls-cert', 'c', '--tls-key', 'k').tlsKey).toBe('k');
  expect(() => flags('--tls-key', 'k')).toThrow('go together');
});
