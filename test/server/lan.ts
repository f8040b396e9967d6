import type { Server } from './process.ts';

/** Makes what most suites begin with: zone `real`, subnet `lan` 10.9.0.0/16, range `shared`, node `n1`. */
export async function makeLan(
  server: Server,
  { start = '10.9.1.0', end = '10.9.1.255', ...subnet }: Record<string, unknown> = {},
): Promise<void> {
  await put(server, '/v1/zones/real', { type: 'macvlan' });
  await put(server, '/v1/subnets/lan', {
    zone: 'real',
    cidr: '10.9.0.0/16',
    gateway: '10.9.0.1',
    ...subnet,
  });
  await put(server, '/v1/ranges/shared', { subnet: 'lan', start, end });
  await put(server, '/v1/nodes/n1', { zone: 'real' });
}

/** PUT that must succeed. */
export async function put(server: Server, path: string, body: unknown): Promise<void> {
  const answer = await server.call('PUT', path, body);
  if (answer.status > 201) {
    throw new Error(`PUT ${path}: ${answer.status} ${answer.text}`);
  }
}

/** The request of an attachment. */
export function request(containerId: string, more: Record<string, unknown> = {}) {
  return { node: 'n1', network: 'realip', containerId, ifname: 'eth0', ...more };
}

export function allocate(server: Server, containerId: string, more: Record<string, unknown> = {}) {
  return server.call('POST', '/v1/allocations', request(containerId, more));
}

export function release(server: Server, containerId: string, query = '') {
  return server.call('DELETE', `/v1/allocations/realip/${containerId}/eth0${query}`);
}

/** Deletes all that there is, so that the next test finds an empty ledger. */
export async function clear(server: Server): Promise<void> {
  const { body } = await server.call('GET', '/v1/allocations');
  for (const { network, containerId, ifname } of body.items) {
    await server.call('DELETE', `/v1/allocations/${network}/${containerId}/${encodeURIComponent(ifname)}`);
  }
  for (const kind of ['reservations', 'ranges', 'subnets', 'nodes', 'zones']) {
    const list = await server.call('GET', `/v1/${kind}`);
    for (const { name } of list.body.items) {
      await server.call('DELETE', `/v1/${kind}/${name}`);
    }
  }
}
