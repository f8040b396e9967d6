import { makeLan } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
afterEach(() => server?.stop());

test('a node’s status tells by a version when pods get addresses of their own', async () => {
  server = await startServer('memory:');
  await makeLan(server);
  const version = async () => (await server.call('GET', '/v1/nodes/n1/status')).body.constraints;
  const before = await version();
  expect(await version()).toBe(before);
  const { body } = await server.call('PUT', '/v1/nodes/n1/reserve', { hold: [] });
  expect(body.constraints.version).toBe(before);
  const pod = { namespace: 'shop', name: 'db-0' };
  await server.call('PUT', '/v1/reservations/db', { addresses: ['10.9.1.7'], pod });
  expect(await version()).not.toBe(before);
});
