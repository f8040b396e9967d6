import { allocate, makeLan, put } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeEach(async () => {
  server = await startServer('memory:');
  await makeLan(server, { end: '10.9.1.3' });
});
afterEach(() => server.stop());

test('what answers a sweep before a range is enabled is quarantined, and given to nobody after', async () => {
  const range = { subnet: 'lan', start: '10.9.8.0', end: '10.9.8.2' };
  await put(server, '/v1/ranges/a-old', { ...range, disabled: true });
  const seen = await server.call('POST', '/v1/addresses/10.9.8.0:conflict', {
    node: 'n1',
    mac: '52:54:00:12:34:56',
  });
  expect(seen).toMatchObject({ status: 200, body: { state: 'quarantined' } });
  await put(server, '/v1/reservations/printer', { addresses: ['10.9.8.1'] });
  const usage = await server.call('GET', '/v1/subnets/lan/usage');
  expect(usage.body.byState).toMatchObject({ quarantined: 1, reserved: 1 });
  await put(server, '/v1/ranges/a-old', range);
  const given = [];
  for (const n of [1, 2]) {
    given.push((await allocate(server, `c${n}`)).body.ips[0].address);
  }
  expect(given).toEqual(['10.9.8.2/16', '10.9.1.0/16']);
});
