import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mintAuthority, mintServing } from './mint.ts';
import { authoritiesIn, dataOf, servingOf, viewOf } from './secret.ts';

const hour = 3_600_000;
const from = Math.floor(Date.now() / 1000) * 1000 - hour;
const life = { from, until: from + 100 * hour };
const names = ['realip-webhook.realip-system.svc', '10.9.0.5', 'fd00::5'];

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'realip-mint-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

test('openssl verifies a certificate of a CA, by name and address, as a server’s and as nothing else', () => {
  const ca = mintAuthority(life);
  writeFileSync(join(folder, 'ca.crt'), ca.cert);
  writeFileSync(join(folder, 'tls.crt'), mintServing(names, life, ca).cert);
  const verify = (...more: readonly string[]) =>
    openssl('verify', '-x509_strict', '-CAfile', 'ca.crt', ...more, 'tls.crt');
  expect(verify('-purpose', 'sslserver', '-verify_hostname', names[0] ?? '')).toContain('OK');
  expect(verify('-verify_ip', '10.9.0.5')).toContain('OK');
  expect(verify('-verify_ip', 'fd00::5')).toContain('OK');
  expect(() => verify('-verify_hostname', 'another.svc')).toThrow();
  expect(() => verify('-purpose', 'sslclient')).toThrow();
  const text = openssl('x509', '-in', 'ca.crt', '-noout', '-text');
  expect(text).toMatch(/CA:TRUE, pathlen:0/);
  expect(text).toMatch(/prime256v1/);
  expect(openssl('x509', '-in', 'ca.crt', '-noout', '-enddate')).toContain(
    openssl('x509', '-in', 'tls.crt', '-noout', '-enddate').trim(),
  );
});

test('of two CAs each verifies its own, whichever comes first', () => {
  const [one, other] = [mintAuthority(life), mintAuthority(life)];
  writeFileSync(join(folder, 'both.crt'), other.cert + one.cert);
  writeFileSync(join(folder, 'one.crt'), one.cert);
  writeFileSync(join(folder, 'tls.crt'), mintServing(names, life, other).cert);
  expect(openssl('verify', '-CAfile', 'both.crt', 'tls.crt')).toContain('OK');
  expect(() => openssl('verify', '-CAfile', 'one.crt', 'tls.crt')).toThrow();
});

function contents() {
  const [ca, before] = [mintAuthority(life), mintAuthority(life)];
  const [first, second] = authoritiesIn(`${ca.cert}\n${before.cert}`);
  if (first === undefined || second === undefined) {
    throw new Error('two CAs were made');
  }
  const pair = mintServing(names, life, ca);
  const serving = servingOf(pair.cert, pair.key, [first]);
  return { trusted: [first, second] as const, signingKey: ca.key, serving, retired: ['a', 'b'] };
}

test('what the Secret is told it says again', () => {
  const made = contents();
  expect(made.serving).toMatchObject({
    ...life,
    issuer: made.trusted[0].id,
    names,
  });
  expect(viewOf(dataOf(made))).toEqual({ kind: 'good', contents: made });
});

test.each([
  ['nothing', () => ({}), 'ca.crt holds no certificate', 0],
  ['no key', (data: object) => ({ ...data, 'ca.key': '' }), 'ca.key is missing', 2],
  ['garbage', (data: object) => ({ ...data, 'ca.key': 'x' }), 'the Secret is damaged', 2],
  [
    'half a pair',
    (data: object) => ({ ...data, 'tls.key': dataOf(contents())['tls.key'] ?? '' }),
    'not the key of tls.crt',
    2,
  ],
  [
    'another CA',
    (data: object) => ({ ...data, 'ca.crt': dataOf(contents())['ca.crt'] ?? '' }),
    'ca.key is not the key',
    2,
  ],
  [
    'a serving certificate of another',
    (data: object) => ({ ...data, ...pairOf(dataOf(contents())) }),
    'no CA of ca.crt',
    2,
  ],
])('a Secret with %s is damaged, and what can be read is told', (_, change, reason, readable) => {
  const view = viewOf(change(dataOf(contents())));
  expect(view).toMatchObject({ kind: 'damaged', reason: expect.stringContaining(reason) });
  expect(view.kind === 'damaged' && view.authorities).toHaveLength(readable);
});

function pairOf(data: Readonly<Record<string, string>>): Record<string, string> {
  return { 'tls.crt': data['tls.crt'] ?? '', 'tls.key': data['tls.key'] ?? '' };
}
