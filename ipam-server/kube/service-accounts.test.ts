import type { Caller } from '../http/caller.ts';
import type { FoundPod } from './pods.ts';
import { ServiceAccounts } from './service-accounts.ts';
import type { Identity } from './token-reviews.ts';

const username = 'system:serviceaccount:realip-system:agent';
const account = { namespace: 'realip-system', name: 'agent' };
const pod: FoundPod = { uid: 'u1', node: 'n1', labels: {}, annotations: {} };

/** Accounts whose token is `identity`, and how often their pods were looked up. */
function accountsOf(identity: Identity, found: FoundPod | null = pod, role = 'node:*') {
  const looked: string[] = [];
  const pods = {
    find: async (namespace: string, name: string) => {
      looked.push(`${namespace}/${name}`);
      return found;
    },
  };
  return { looked, accounts: new ServiceAccounts({ identityOf: () => identity }, pods, () => role) };
}

test('where the API server tells only the pod of a token, its node is looked up, once', async () => {
  const { accounts, looked } = accountsOf({ username, account, pod: { name: 'agent-x', uid: 'u1' } });
  const expected: Caller = { role: 'node', node: 'n1' };
  expect(await accounts.callerOf('t')).toEqual(expected);
  expect(accounts.callerOf('t')).toEqual(expected);
  expect(looked).toEqual(['realip-system/agent-x']);
});

test.each([
  ['is gone', null],
  ['is on no node yet', { uid: 'u1', labels: {}, annotations: {} }],
  ['was made again', { ...pod, uid: 'u2' }],
])('a token whose pod %s is no node’s', async (_, found) => {
  const { accounts } = accountsOf({ username, account, pod: { name: 'agent-x', uid: 'u1' } }, found);
  await expect(accounts.callerOf('t')).rejects.toMatchObject({ code: 'ROLE_INSUFFICIENT' });
});

test('an admin by service account is called by its name', () => {
  const { accounts } = accountsOf({ username, account }, pod, 'admin');
  expect(accounts.callerOf('t')).toEqual({ role: 'admin', name: username });
});

test('who is no service account has no role', () => {
  const { accounts } = accountsOf({ username: 'alice' });
  expect(() => accounts.callerOf('t')).toThrow('alice has no role');
});
