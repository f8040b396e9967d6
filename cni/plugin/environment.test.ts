import { readCall } from './environment.ts';

const whole = {
  CNI_COMMAND: 'ADD',
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/a',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
};

test('a whole call', () => {
  expect(readCall(whole)).toMatchObject({
    command: 'ADD',
    containerId: 'c1',
    netns: '/run/netns/a',
    ifname: 'eth0',
  });
});

test('all variables that are missing are named at once', () => {
  expect(() => readCall({ CNI_COMMAND: 'ADD', CNI_IFNAME: 'eth0', CNI_NETNS: '' })).toThrow(
    'CNI_CONTAINERID, CNI_NETNS, CNI_PATH',
  );
});

test('DEL needs no namespace; STATUS and GC only CNI_PATH; VERSION nothing', () => {
  expect(readCall({ ...whole, CNI_COMMAND: 'DEL', CNI_NETNS: '' }).netns).toBe('');
  for (const CNI_COMMAND of ['STATUS', 'GC']) {
    expect(() => readCall({ CNI_COMMAND, CNI_PATH: '/x' })).not.toThrow();
    expect(() => readCall({ CNI_COMMAND })).toThrow('CNI_PATH');
  }
  expect(() => readCall({ CNI_COMMAND: 'VERSION' })).not.toThrow();
});

test.each([
  { CNI_COMMAND: 'add' },
  { CNI_COMMAND: 'toString' },
  { CNI_CONTAINERID: '../c1' },
  { CNI_IFNAME: 'a/b' },
  { CNI_IFNAME: 'sixteen_bytes_xx' },
])('%j is refused', (change) => {
  expect(() => readCall({ ...whole, ...change })).toThrow(
    expect.objectContaining({ code: 'INVALID_ENVIRONMENT' }),
  );
});
