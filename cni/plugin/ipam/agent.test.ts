import type { HttpAnswer, HttpRequest } from '../../http/http.ts';
import { Agent } from './agent.ts';
import { Servers } from './servers.ts';

const call = { method: 'GET', path: '/v1/x' } as const;
const problem = (code: string) => JSON.stringify({ detail: 'so it is', code });
const named = (name: string) => Object.assign(new Error(`an ${name}`), { name });

/** A node with an agent that answers like this, and a server that always answers. */
function node(reply: HttpAnswer | Error, isThere = true) {
  const requests: HttpRequest[] = [];
  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    requests.push(request);
    if (request.socket === undefined) {
      return { status: 200, body: '{"from":"server"}' };
    }
    if (reply instanceof Error) {
      throw reply;
    }
    return reply;
  };
  const agent = new Agent(
    { socket: '/run/a.sock', timeoutMs: 3_000, reserveWaitMs: 1_500, requestId: 'add-c1-1' },
    { send, approach: () => isThere },
  );
  const config = {
    agent,
    urls: ['http://a'],
    credentials: () => ({ token: 'secret' }),
    timeoutMs: 3_000,
    requestId: 'add-c1-1',
  };
  return { agent, requests, servers: new Servers(config, send, () => 0) };
}

test('what the agent answers is the answer, and it is told no token', async () => {
  const { servers, requests } = node({ status: 200, body: '{"from":"agent"}' });
  expect((await servers.call(call)).body).toBe('{"from":"agent"}');
  expect(requests).toEqual([
    { method: 'GET', socket: '/run/a.sock', url: 'http://agent/v1/x', id: 'add-c1-1', timeoutMs: 4_000 },
  ]);
});

test.each([
  [503, 'AGENT_RESERVE_EMPTY', 'IPAM_AWAY'],
  [500, 'INTERNAL_ERROR', 'IPAM_AWAY'],
  [409, 'RANGE_EXHAUSTED', 'IPAM_NONE_FREE'],
  [409, 'ADDRESS_IN_USE', 'IPAM_REFUSED'],
  [403, 'ROLE_INSUFFICIENT', 'IPAM_UNAUTHORIZED'],
])('its HTTP %i %s is final, and becomes %s', async (status, code, expected) => {
  const { servers, requests } = node({ status, body: problem(code) });
  await expect(servers.call(call)).rejects.toMatchObject({
    code: expected,
    message: `the node’s agent says: so it is (${code}) [request add-c1-1]`,
  });
  expect(requests).toHaveLength(1);
});

test.each([
  named('SystemError'),
  named('AnswerFault'),
  named('HungError'),
  { status: 200, body: '<html>' },
  { status: 503, body: '' },
  { status: 503, body: problem('SHUTTING_DOWN') },
])('after %j it is passed over, from then on', async (reply) => {
  const { servers, agent, requests } = node(reply);
  expect(agent.isThere).toBe(true);
  for (const _ of [1, 2]) {
    expect((await servers.call(call)).body).toBe('{"from":"server"}');
  }
  expect(agent.isThere).toBe(false);
  expect(requests.map(({ socket }) => socket)).toEqual(['/run/a.sock', undefined, undefined]);
  expect(requests[1]).toMatchObject({ url: 'http://a/v1/x', token: 'secret' });
});

test('one that lives and has no answer in time is not passed over: it may still do what was asked', async () => {
  const { servers, requests } = node(named('TimeoutError'));
  await expect(servers.call(call)).rejects.toMatchObject({
    code: 'IPAM_AWAY',
    message: 'the node’s agent (unix:/run/a.sock) lives, and was silent for 4000 ms [request add-c1-1]',
  });
  expect(requests).toHaveLength(1);
});

test('for an address it is waited as long as the agent is told to wait, and a second more', async () => {
  const { servers, requests } = node({ status: 200, body: '{}' });
  await servers.call({
    method: 'POST',
    path: '/v1/allocations',
    body: '{"for":"server"}',
    forAgent: { body: '{"for":"agent"}', isPatient: true },
  });
  expect(requests[0]).toMatchObject({ body: '{"for":"agent"}', timeoutMs: 2_500, waitSeconds: 2 });
});

test('the servers are told nothing of what is for the agent alone', async () => {
  const { servers, requests } = node(named('SystemError'), false);
  await servers.call({ ...call, body: '{"for":"server"}', forAgent: { body: '{"for":"agent"}' } });
  expect(requests[1]).toMatchObject({ body: '{"for":"server"}' });
  expect(requests[1]).not.toHaveProperty('waitSeconds');
});

test('an interface that the agent took away is gone; otherwise it says why it isn’t', async () => {
  const place = { path: '/run/netns/a', inode: 4026532281 };
  const { agent, requests } = node({ status: 204, body: '' });
  expect(await agent.detach(place, 'eth0')).toBeUndefined();
  expect(requests[0]).toMatchObject({
    method: 'POST',
    url: 'http://agent/v1/agent/detach',
    body: '{"netns":"/run/netns/a","inode":4026532281,"ifname":"eth0"}',
  });
  expect(await node({ status: 404, body: problem('X') }).agent.detach(place, 'eth0')).toBe('so it is');
  expect(await node(named('HungError')).agent.detach(place, 'eth0')).toBe('an HungError');
});
