import { allocate, makeLan } from './lan.ts';
import { startServer } from './process.ts';

test('a server whose log nobody reads any more goes on', async () => {
  const server = await startServer('memory:');
  server.child.stderr.destroy();
  server.child.stdout.destroy();
  // Each edit is a log line: the first that meets the closed pipe used to end the server.
  await makeLan(server);
  expect((await allocate(server, 'c1')).status).toBe(201);
  expect((await server.call('GET', '/healthz')).status).toBe(200);
  expect(await server.stop()).toBe(0);
});
