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

test('silence is fenced never unless told, and not before a minute', () => {
  const after = (...args: string[]) => parseFlags(['--store', 'memory:', ...args]).fenceSilentAfter;
  expect(after()).toBeUndefined();
  expect(after('--fence-silent-after', '10m')).toBe(600_000);
  expect(after('--fence-silent-after', '1d')).toBe(86_400_000);
  for (const wrong of ['59s', '0m', '10', 'm', '1.5h', '-1m', '']) {
    expect(() => after('--fence-silent-after', wrong)).toThrow('at least a minute');
  }
});

test('events are kept for 90 days, or as long as --retention says', () => {
  const retention = (...args: string[]) => parseFlags(['--store', 'memory:', ...args]).retention;
  expect(retention()).toBe(90 * 86_400_000);
  expect(retention('--retention', '12h')).toBe(12 * 3_600_000);
  expect(retention('--retention', '30m')).toBe(30 * 60_000);
  for (const text of ['90', '0d', '1y', '-1d', '30s', '']) {
    expect(() => retention('--retention', text)).toThrow('at least a minute');
  }
});

test('a misspelt flag is told as such, not as the one that is missing; a missing one by its name', () => {
  const said = "unknown option '--stor' (Did you mean --store?)";
  expect(() => parseFlags(['--stor', 'memory:'])).toThrow(expect.objectContaining({ message: said }));
  expect(() => parseFlags([])).toThrow("required option '--store <store>' not specified");
});
