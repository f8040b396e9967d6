import { once } from 'node:events';
import { connect } from 'node:net';
import { allocate, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';
import { scrape } from './scrape.ts';

let server: Server;
afterEach(() => server.stop());

async function started(...args: string[]): Promise<void> {
  server = await startServer('memory:', ...args);
  await makeLan(server);
}

/** The counts by state of a metric with these labels. */
async function byState(metric: string, labels: string): Promise<Record<string, number | undefined>> {
  const samples = await scrape(server);
  const states = ['free', 'reserved', 'warm', 'allocated', 'cooling', 'quarantined'];
  return Object.fromEntries(
    states.map((state) => [state, samples.get(`realip_ipam_${metric}{${labels},state="${state}"}`)]),
  );
}

test('each range and each subnet is counted by state, as the API counts it', async () => {
  await started();
  await put(server, '/v1/ranges/own', { subnet: 'lan', start: '10.9.2.0', end: '10.9.2.3', node: 'n1' });
  for (const container of ['c1', 'c2', 'c3']) {
    await allocate(server, container);
  }
  await allocate(server, 'c4', { addresses: ['10.9.1.0'] });
  await release(server, 'c1');
  await server.call('POST', '/v1/addresses/10.9.2.3:conflict', { node: 'n1', mac: '52:54:00:12:34:56' });
  const none = { free: 0, reserved: 0, warm: 0, allocated: 0, cooling: 0, quarantined: 0 };
  expect(await byState('range_addresses', 'subnet="lan",range="own"')).toEqual({
    ...none,
    allocated: 2,
    cooling: 1,
    quarantined: 1,
  });
  expect(await byState('range_addresses', 'subnet="lan",range="shared"')).toEqual({
    ...none,
    free: 255,
    allocated: 1,
  });
  const { body } = await server.call('GET', '/v1/subnets/lan/usage');
  expect(await byState('addresses', 'subnet="lan"')).toEqual(body.byState);
  const samples = await scrape(server);
  expect(samples.get('realip_ipam_subnet_size{subnet="lan"}')).toBe(body.total);
  expect(samples.get('realip_ipam_range_size{subnet="lan",range="own"}')).toBe(4);
  expect(samples.get('realip_ipam_attachments')).toBe(3);
  expect(samples.get('realip_ipam_objects{kind="range"}')).toBe(2);
});

test('a disabled range is told as one that gives nothing', async () => {
  await started();
  const enabled = 'realip_ipam_range_enabled{subnet="lan",range="shared"}';
  expect((await scrape(server)).get(enabled)).toBe(1);
  const range = { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255', disabled: true };
  await put(server, '/v1/ranges/shared', range);
  expect((await scrape(server)).get(enabled)).toBe(0);
});

test('with more ranges than --metrics-ranges the shared ones are told, the others in sum', async () => {
  await started('--metrics-ranges', '2');
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    const start = `10.9.${10 + index}.0`;
    await put(server, `/v1/ranges/${name}`, {
      subnet: 'lan',
      start,
      end: `10.9.${10 + index}.9`,
      node: name,
    });
  }
  const names = [...(await scrape(server))].flatMap(([sample, value]) => {
    const range = /^realip_ipam_range_size\{subnet="lan",range="(.*)"\}/.exec(sample)?.[1];
    return range === undefined ? [] : [[range, value]];
  });
  expect(names).toEqual([
    ['shared', 256],
    ['a', 10],
    ['*', 20],
  ]);
});

test('--metrics-ranges 0 tells subnets alone', async () => {
  await started('--metrics-ranges', '0');
  const names = [...(await scrape(server)).keys()];
  expect(names).toContain('realip_ipam_subnet_size{subnet="lan"}');
  expect(names.filter((name) => name.startsWith('realip_ipam_range_'))).toEqual([]);
});

test('allocations are counted by what became of them, releases too', async () => {
  await started();
  await put(server, '/v1/ranges/shared', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.0' });
  const outcome = async (what: string) =>
    (await scrape(server)).get(`realip_ipam_allocations_total{outcome="${what}"}`);
  expect(await outcome('unavailable')).toBe(0);
  await allocate(server, 'c1');
  await allocate(server, 'c1');
  await allocate(server, 'c2');
  await allocate(server, 'c2', { node: 'nobody' });
  expect(await outcome('created')).toBe(1);
  expect(await outcome('existing')).toBe(1);
  expect(await outcome('exhausted')).toBe(1);
  expect(await outcome('refused')).toBe(1);
  expect((await scrape(server)).get('realip_ipam_allocation_duration_seconds_count')).toBe(2);
  await release(server, 'c1');
  await release(server, 'c1');
  const samples = await scrape(server);
  expect(samples.get('realip_ipam_releases_total{outcome="released"}')).toBe(1);
  expect(samples.get('realip_ipam_releases_total{outcome="nothing"}')).toBe(1);
  expect(samples.get('realip_ipam_request_duration_seconds_count{operation="allocate"}')).toBe(4);
  expect(samples.get('realip_ipam_request_duration_seconds_count{operation="release"}')).toBe(2);
});

test('the items of a batch are counted each, and once however often the batch is repeated', async () => {
  await started();
  const item = (containerId: string, node = 'n1') => ({
    node,
    network: 'realip',
    containerId,
    ifname: 'eth0',
  });
  const batch = {
    allocate: [item('c1'), item('c2'), item('c3', 'nobody')],
    release: [{ network: 'realip', containerId: 'c0', ifname: 'eth0' }],
  };
  const headers = { 'idempotency-key': 'k1' };
  await server.call('POST', '/v1/allocations:batch', batch, { headers });
  await server.call('POST', '/v1/allocations:batch', batch, { headers });
  const samples = await scrape(server);
  expect(samples.get('realip_ipam_allocations_total{outcome="created"}')).toBe(2);
  expect(samples.get('realip_ipam_allocations_total{outcome="refused"}')).toBe(1);
  expect(samples.get('realip_ipam_releases_total{outcome="nothing"}')).toBe(1);
  expect(samples.get('realip_ipam_request_duration_seconds_count{operation="batch"}')).toBe(2);
});

test('a request whose client went away before its end is in flight no more', async () => {
  await started();
  const { hostname, port } = new URL(server.url);
  const inFlight = async () => (await scrape(server)).get('realip_ipam_requests_in_flight');
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const head = [
    'POST /v1/allocations HTTP/1.1',
    'host: x',
    'content-type: application/json',
    'content-length: 99',
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n{`);
  // The scrape itself is one.
  while ((await inFlight()) !== 2) {}
  socket.destroy();
  while ((await inFlight()) !== 1) {}
});

test('no label is a pod, a container, an address or a node', async () => {
  await started();
  const pod = { namespace: 'shop', name: 'web-0', uid: 'u-17' };
  await allocate(server, 'container-17', { pod });
  await put(server, '/v1/nodes/node-17', { zone: 'real' });
  await server.call('POST', '/v1/addresses/10.9.1.7:conflict', { node: 'node-17', mac: '52:54:00:12:34:56' });
  await server.call('GET', '/v1/no/such/path-17');
  const { text } = await server.call('GET', '/metrics');
  expect(text).not.toMatch(/shop|web-0|-17|10\.9\.1|52:54/);
});
