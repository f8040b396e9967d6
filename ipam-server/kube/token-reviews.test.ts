import type { V1TokenReview } from '@kubernetes/client-node';
import { TokenReviews } from './token-reviews.ts';

let now = 1_000_000;
let asked = 0;
let status: V1TokenReview['status'];

const reviews = () =>
  new TokenReviews(
    {
      // The API server takes any object and gives it back with its status.
      post: async <Body>(_: string, body: Body) => {
        asked++;
        return { ...body, status };
      },
    },
    'realip',
    () => now,
  );

const user = { username: 'system:serviceaccount:ops:bot' };
const good = { authenticated: true, audiences: ['realip'], user };

/** A token that says this of itself; nobody has signed it. */
function token(claims: object): string {
  return `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
}

beforeEach(() => {
  asked = 0;
  status = good;
});

test('a good token is asked for again after two minutes, and at its own end', async () => {
  const table = reviews();
  const lasting = token({ aud: ['realip'], exp: 1e9 });
  await table.identityOf(lasting);
  now += 119_999;
  expect(table.identityOf(lasting)).toMatchObject({ account: { namespace: 'ops', name: 'bot' } });
  now += 1;
  expect(table.identityOf(lasting)).toBeInstanceOf(Promise);
  const ending = token({ aud: ['realip'], exp: (now + 5_000) / 1000 });
  await table.identityOf(ending);
  now += 4_999;
  expect(table.identityOf(ending)).toMatchObject(user);
  now += 1;
  expect(table.identityOf(ending)).toBeNull();
});

test('a good token that is in use is asked for ahead, and works for a minute more when it has become bad', async () => {
  const table = reviews();
  await table.identityOf('used');
  now += 60_000;
  expect(table.identityOf('used')).toMatchObject(user);
  await new Promise(setImmediate);
  expect(asked).toBe(2);
  status = { authenticated: false };
  for (let second = 0; second < 119; second++) {
    now += 1_000;
    expect(table.identityOf('used')).toMatchObject(user);
    await new Promise(setImmediate);
  }
  expect(asked).toBeLessThan(12);
  now += 1_000;
  expect(await table.identityOf('used')).toBeNull();
});

test('a bad token is remembered for ten seconds, and drives no good one out', async () => {
  const table = reviews();
  await table.identityOf('good');
  status = { authenticated: false };
  expect(await table.identityOf('bad')).toBeNull();
  expect(asked).toBe(2);
  expect(table.identityOf('bad')).toBeNull();
  now += 10_000;
  expect(table.identityOf('bad')).toBeInstanceOf(Promise);
  for (let i = 0; i < 25_000; i++) {
    await table.identityOf(`wrong-${i}`);
  }
  expect(table.identityOf('good')).toMatchObject(user);
});

test('a token that says itself that it is over or for others is refused without asking', () => {
  const table = reviews();
  expect(table.identityOf(token({ aud: ['realip'], exp: now / 1000 }))).toBeNull();
  expect(table.identityOf(token({ aud: ['vault'] }))).toBeNull();
  expect(table.identityOf(token({ aud: 'vault' }))).toBeNull();
  expect(asked).toBe(0);
});

test('an API server’s word that names no audience, or another one, is not for this server', async () => {
  status = { authenticated: true, user };
  expect(await reviews().identityOf('one')).toBeNull();
  status = { ...good, audiences: ['vault'] };
  expect(await reviews().identityOf('two')).toBeNull();
});
