import { createHash } from 'node:crypto';
import { actorOf, TokenTable } from './caller.ts';

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
