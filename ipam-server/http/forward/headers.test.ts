import { endToEnd } from './headers.ts';

test('what holds for one connection stays there, also what `Connection` names', () => {
  const headers = {
    authorization: 'Bearer t',
    connection: 'keep-alive, X-Hop',
    'content-length': '5',
    'content-type': 'application/json',
    host: 'here',
    'if-match': undefined,
    'set-cookie': ['a', 'b'],
    'transfer-encoding': 'chunked',
    'x-hop': 'gone',
  };
  expect(endToEnd(headers)).toEqual({
    authorization: 'Bearer t',
    'content-length': '5',
    'content-type': 'application/json',
    'set-cookie': ['a', 'b'],
  });
});
