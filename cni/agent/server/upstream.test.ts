import type { HttpAnswer, HttpRequest } from '../../http/http.ts';
import { Refusal } from './refusal.ts';
import { Upstream } from './upstream.ts';

/** A server as it is at the moment: what it answers, or that it is silent. */
type Server = 'silent' | 'refuses connections' | HttpAnswer;

const ready: HttpAnswer = { status: 200, body: '{"ready":true}' };
const good: HttpAnswer = { status: 200, body: '{"ok":true}' };

function problem(status: number, code: string): HttpAnswer {
  return { status, body: JSON.stringify({ detail: `it says ${code}`, code }) };
}

/** Time that only this test lets go on. */
class Trial {
  readonly servers = new Map<string, Server>();
  readonly asked: string[] = [];
  readonly changes: string[] = [];
  #now = 0;
  #sleepers: { readonly at: number; wake: () => void }[] = [];
  readonly upstream: Upstream;
  readonly #there = new Set<string>();

  constructor(servers: Record<string, Server>) {
    for (const [url, server] of Object.entries(servers)) {
      this.servers.set(url, server);
    }
    this.upstream = new Upstream({
      urls: Object.keys(servers),
      credentials: () => ({ token: 't' }),
      send: (request) => this.#send(request),
      sleep: (milliseconds, signal) => this.#sleep(milliseconds, signal),
      random: () => 0,
      onChange: (isUp, why) => this.changes.push(`${isUp ? 'up' : 'away'} ${why}`),
    });
  }

  /** From now on a silent server shows that it is there. */
  answersPings(url: string): void {
    this.#there.add(url);
  }

  call(path = '/v1/x') {
    return this.upstream.call({ method: 'GET', path, timeoutMs: 3_000 });
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) {
        this.#now = end;
        return;
      }
      this.#now = next.at;
      this.#sleepers = this.#sleepers.filter((each) => each !== next);
      next.wake();
    }
  }

  #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sleepers.push({ at: this.#now + milliseconds, wake: resolve });
      signal.addEventListener('abort', () => reject(new Error('aborted')));
    });
  }

  async #send({ url, timeoutMs, signal }: HttpRequest): Promise<HttpAnswer> {
    this.asked.push(url);
    const [base = ''] = url
      .split('/v1')
      .slice(0, 1)
      .map((each) => each.replace('/readyz', ''));
    const server = this.servers.get(base);
    if (server === 'refuses connections') {
      throw Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
    }
    if (url.endsWith('/readyz') && this.#there.has(base)) {
      return ready;
    }
    if (server === 'silent' || server === undefined) {
      await this.#sleep(timeoutMs, signal ?? new AbortController().signal);
      throw Object.assign(new Error('late'), { name: 'TimeoutError' });
    }
    return url.endsWith('/readyz') && server.status < 300 ? ready : server;
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await undefined;
  }
}

test('the first server answers, and the second is not asked', async () => {
  const trial = new Trial({ 'http://a': good, 'http://b': good });
  await expect(trial.call()).resolves.toEqual(good);
  expect(trial.asked).toEqual(['http://a/v1/x']);
});

test.each<[string, Server]>([
  ['refuses connections', 'refuses connections'],
  ['has lost its store', problem(503, 'STORE_UNAVAILABLE')],
  ['stops', problem(503, 'SHUTTING_DOWN')],
  ['knows nobody who leads', problem(503, 'NOT_LEADING')],
  ['is a proxy without a server', { status: 502, body: '<html>' }],
  ['is a stranger', { status: 200, body: '<html>' }],
])('when the first server %s, the second is asked, and asked first from then on', async (_what, server) => {
  const trial = new Trial({ 'http://a': server, 'http://b': good });
  await expect(trial.call()).resolves.toEqual(good);
  await trial.call();
  expect(trial.asked.filter((url) => !url.endsWith('/readyz'))).toEqual([
    'http://a/v1/x',
    'http://b/v1/x',
    'http://b/v1/x',
  ]);
  expect(trial.changes).toEqual([]);
});

test('a black hole costs one call less than a second, and the next nothing', async () => {
  const trial = new Trial({ 'http://a': 'silent' });
  const first = trial.call().catch((error: unknown) => error);
  await trial.pass(700);
  await expect(first).resolves.toMatchObject({
    code: 'AGENT_SERVER_AWAY',
    message: expect.stringContaining('http://a: silent'),
  });
  const before = trial.asked.length;
  await expect(trial.call()).rejects.toMatchObject({ code: 'AGENT_SERVER_AWAY' });
  expect(trial.asked).toHaveLength(before);
  expect(trial.upstream.isUp).toBe(false);
});

test('a server that only thinks for long is waited for', async () => {
  const trial = new Trial({ 'http://a': good });
  const original = trial.servers.get('http://a');
  trial.servers.set('http://a', 'silent');
  const call = trial.call();
  await trial.pass(250);
  // By the time of the ping it answers those again.
  trial.servers.set('http://a', original ?? good);
  await trial.pass(1_000);
  expect(trial.upstream.isUp).toBe(true);
  const outcome = await Promise.race([call.catch((error: unknown) => error), Promise.resolve('waits')]);
  expect(outcome).toBe('waits');
});

test('of several servers one may take as long as another takes to lead in place of a dead one', async () => {
  const trial = new Trial({ 'http://a': 'refuses connections', 'http://b': 'silent' });
  trial.answersPings('http://b');
  const call = trial.call().catch((error: unknown) => error);
  await trial.pass(6_000);
  await expect(Promise.race([call, Promise.resolve('waits')])).resolves.toBe('waits');
  await trial.pass(2_000);
  await expect(call).resolves.toMatchObject({
    message: expect.stringContaining('http://b: silent for 7000 ms'),
  });
});

test('a server that comes back is found within its pause, and told once', async () => {
  const trial = new Trial({ 'http://a': 'refuses connections' });
  await expect(trial.call()).rejects.toMatchObject({ code: 'AGENT_SERVER_AWAY' });
  await trial.pass(10_000);
  expect(trial.upstream.isUp).toBe(false);
  trial.servers.set('http://a', good);
  await trial.pass(2_000);
  expect(trial.upstream.isUp).toBe(true);
  expect(trial.changes).toEqual(['away http://a: ECONNREFUSED', 'up http://a']);
  await expect(trial.call()).resolves.toEqual(good);
});

test('a refusal is the server’s word, and no reason to ask another', async () => {
  const trial = new Trial({ 'http://a': problem(409, 'RANGE_EXHAUSTED'), 'http://b': good });
  const outcome = await trial.call().catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Refusal);
  expect(outcome).toMatchObject({ status: 409, code: 'RANGE_EXHAUSTED' });
  expect(trial.asked).toEqual(['http://a/v1/x']);
  expect(trial.upstream.isUp).toBe(true);
});
