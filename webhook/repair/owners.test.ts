import type { Policy } from '../policy/policy.ts';
import type { Misplaced } from './census.ts';
import { Owners } from './owners.ts';
import type { StoredPod } from './stored-pod.ts';

function pod(uid: string, isReady: boolean): StoredPod {
  return {
    namespace: 'shop',
    name: uid,
    uid,
    pod: { spec: {} },
    node: 'n1',
    created: 0,
    controller: { kind: 'ReplicaSet', name: 'web', uid: 'web' },
    isEnding: false,
    isDone: false,
    isReady,
    hasClaims: false,
    addresses: 0,
  };
}

const policy: Policy = {
  zones: new Map(),
  rules: [],
  default: null,
  repair: { evict: [], namespaces: [], afterMs: 0 },
};

function among(...astray: readonly StoredPod[]) {
  return (stored: StoredPod): Misplaced | undefined =>
    astray.includes(stored)
      ? { stored, policy, finding: { flaws: ['unplaced'], zone: null, by: 'default', refusal: null } }
      : undefined;
}

const [a, b, ready, coming] = [pod('a', true), pod('b', false), pod('c', true), pod('d', false)];

test('a misplaced pod need not be ready for the first to go', () => {
  expect(new Owners().waitOf('web', [a, b], among(a, b))).toBeNull();
});

test('nothing more is evicted before the replacement is there and ready', () => {
  const owners = new Owners();
  owners.evicted('web', [a, b]);
  expect(owners.waitOf('web', [b], among(b))).toBe('no-replacement');
  expect(owners.waitOf('web', [b, coming], among(b))).toBe('recovering');
  expect(owners.waitOf('web', [b, ready], among(b))).toBeNull();
  expect(owners.waitOf('other', [a], among(a))).toBeNull();
});

test('a replacement that is misplaced as well ends it, until there is a new policy', () => {
  const owners = new Owners();
  owners.evicted('web', [a, b]);
  expect(owners.waitOf('web', [b, ready], among(b, ready))).toBe('comes-back');
  owners.forget();
  expect(owners.waitOf('web', [b, ready], among(b, ready))).toBeNull();
});
