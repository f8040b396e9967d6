import { parseFlags } from './flags.ts';

test('without tokens only loopback is listened on, beyond it TLS or an explicit word is needed', () => {
  const flags = (...args: string[]) => parseFlags(['--store', 'memory:', ...args]);
  expect(flags().listen).toEqual({ host: '127.0.0.1', port: 8080 });
  expect(() => flags('--listen', ':80')).toThrow('--tokens');
  expect(() => flags('--listen', ':80', '--tokens', 'f')).toThrow('--insecure-http');
  expect(flags('--listen', ':80', '--tokens', 'f', '--insecure-http').insecureHttp).toBe(true);
  expect(flags('--listen', ':80', '--tokens', 'f', '--tls-cert', 'c', '--tls-key', 'k').tlsKey).toBe('k');
  expect(() => flags('--tls-key', 'k')).toThrow('go together');
});
