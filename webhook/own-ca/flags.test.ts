import { parseFlags } from '../flags.ts';

const policy = ['--policy', 'p.yaml'];
const files = [...policy, '--tls-cert', 'a', '--tls-key', 'b'];
const own = [...policy, '--own-ca', '--namespace', 'realip-system'];

test('--own-ca alone is enough in a pod, and its names are those of the manifests', () => {
  expect(parseFlags(own).certificate).toEqual({
    ownCa: {
      namespace: 'realip-system',
      secret: 'realip-webhook-ca',
      webhook: 'realip-webhook',
      service: 'realip-webhook',
      sans: [],
      caMs: 365 * 86_400_000,
      servingMs: 90 * 86_400_000,
      overlapMs: 86_400_000,
    },
  });
  const sans = ['--own-ca-san', 'fd00:0::5', '--own-ca-san', 'webhook.example'];
  expect(parseFlags([...own, ...sans]).certificate).toMatchObject({
    ownCa: { sans: ['fd00::5', 'webhook.example'] },
  });
});

test.each([
  ['files beside it', [...own, '--tls-cert', 'a', '--tls-key', 'b'], 'go without it'],
  ['one file beside it', [...own, '--tls-key', 'b'], 'go without it'],
  ['neither', policy, '--own-ca'],
  ['half a pair', [...policy, '--tls-cert', 'a'], '--tls-key'],
  ['no namespace outside a cluster', [...policy, '--own-ca'], '--namespace'],
  ['a name that is none', [...own, '--own-ca-secret', 'a/b'], '"a/b"'],
  ['a time that is none', [...own, '--own-ca-lifetime', 'long'], '"long"'],
  ['a CA that ends with its certificates', [...own, '--own-ca-lifetime', '90d'], 'three times'],
  ['no time to hear of a new CA', [...own, '--own-ca-overlap', '5s'], 'at least 10s'],
  ['its flags without it', [...files, '--own-ca-san', 'a', '--namespace', 'b'], '--own-ca-san, --namespace'],
  ['a name of nothing', [...own, '--own-ca-san', 'a b'], '"a b"'],
])('%s: the webhook doesn’t start', (_, args, said) => {
  expect(() => parseFlags(args)).toThrow(said);
});
