import { claimText, parseClaim } from './claim.ts';

test('a claim is read as it was written', () => {
  const claim = { url: 'https://10.9.0.13:8443', fingerprint: 'A1:B2', secret: 's' };
  expect(parseClaim(claimText(claim))).toEqual(claim);
  const plain = { url: 'http://127.0.0.1:8080', fingerprint: null, secret: 's' };
  expect(parseClaim(claimText(plain))).toEqual(plain);
});

test.each([
  '',
  'null',
  '[]',
  'offline: realip-ipam-server restore',
  '{"url":"no url","fingerprint":null,"secret":"s"}',
  '{"url":"http://h"}',
])('%j is no claim', (text) => {
  expect(parseClaim(text)).toBeNull();
});
