import { createHash } from 'node:crypto';
import { actorOf } from '../http/caller.ts';
import { TokenTable } from './token-table.ts';

test('a token is known by itself or by its hash, and its role says who calls', () => {
  const tokenSha256 = createHash('sha256').update('second').digest('hex');
  const table = new TokenTable({
    tokens: [
      { token: 'first', role: 'admin' },
      { tokenSha256: tokenSha256.toUpperCase(), role: 'viewer' },
      { token: 'third', role: 'node:n1.example' },
    ],
  });
  expect(table.callerOf('first')).toEqual({ role: 'admin' });
  expect(table.callerOf('second')).toEqual({ role: 'viewer' });
  expect(table.callerOf('third')).toEqual({ role: 'node', node: 'n1.example' });
  for (const token of ['', 'First', tokenSha256, 'first ']) {
    expect(table.callerOf(token)).toBeNull();
  }
});

test('audit and log call a token by its name, else by its role', () => {
  const table = new TokenTable({
    tokens: [
      { token: 'first', role: 'admin', name: 'alice' },
      { token: 'second', role: 'viewer' },
      { token: 'third', role: 'node:n1' },
    ],
  });
  const actors = ['first', 'second', 'third'].map((token) => {
    const caller = table.callerOf(token);
    return caller && actorOf(caller);
  });
  expect(actors).toEqual(['alice', 'viewer', 'node:n1']);
  expect(table.callerOf('first')).toEqual({ role: 'admin', name: 'alice' });
});

test('a service account has the role that the file gives it, another one none', () => {
  const table = new TokenTable({
    serviceAccounts: [
      { namespace: 'realip-system', name: 'realip-agent', role: 'node:*' },
      { namespace: 'ops', name: 'bot', role: 'viewer' },
    ],
  });
  expect(table.roleOfAccount({ namespace: 'realip-system', name: 'realip-agent' })).toBe('node:*');
  expect(table.roleOfAccount({ namespace: 'ops', name: 'realip-agent' })).toBeUndefined();
});
