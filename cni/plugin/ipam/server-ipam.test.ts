import { ServerIpam } from './server-ipam.ts';
import { Servers } from './servers.ts';

const attachment = { network: 'real', containerId: 'c1', ifname: 'eth0' };

function ipamAnswering(status: number, body: string): ServerIpam {
  const config = { urls: ['http://a'], credentials: () => ({}), timeoutMs: 1000, requestId: 'add-c1-1' };
  const servers = new Servers(
    config,
    async () => ({ status, body }),
    () => 0,
  );
  return new ServerIpam(servers, 'n1');
}

test('an address is released when the server says 204', async () => {
  await expect(ipamAnswering(204, '').release(attachment, 7)).resolves.toBeUndefined();
});

test('a generation that nobody knows yet is told to nobody', async () => {
  const paths: string[] = [];
  const config = { urls: ['http://a'], credentials: () => ({}), timeoutMs: 1000, requestId: 'del-c1-1' };
  const servers = new Servers(
    config,
    async ({ url }) => {
      paths.push(url);
      return { status: 204, body: '' };
    },
    () => 0,
  );
  const ipam = new ServerIpam(servers, 'n1');
  await ipam.release(attachment, 0);
  await ipam.release(attachment, 7);
  expect(paths).toEqual(['', '?generation=7'].map((fence) => `http://a/v1/allocations/real/c1/eth0${fence}`));
});

test.each([
  [200, '<html>welcome</html>'],
  [201, '{}'],
  [202, 'null'],
])('HTTP %i of something in between releases nothing', async (status, body) => {
  await expect(ipamAnswering(status, body).release(attachment)).rejects.toMatchObject({
    code: 'IPAM_ANSWER_UNREADABLE',
  });
});
