import { readAllocation, readList } from './answers.ts';

const allocation = {
  id: 'x',
  generation: 3,
  mac: '0a:58:0a:09:01:07',
  ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1', subnet: 'lan', range: 'r', news: true }],
  routes: [{ dst: '10.20.0.0/16' }],
  dns: { nameservers: ['10.9.0.53'] },
};

test('an allocation, with fields of a newer server passed over', () => {
  const read = readAllocation(JSON.stringify({ ...allocation, news: 1 }));
  expect(JSON.parse(JSON.stringify(read))).toEqual({
    generation: 3,
    mac: '0a:58:0a:09:01:07',
    ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1' }],
    routes: [{ dst: '10.20.0.0/16' }],
    dns: { nameservers: ['10.9.0.53'] },
  });
});

test('the agent vouches for what it gives, and may not know the generation yet', () => {
  const answer = { ...allocation, generation: 0, probed: true };
  expect(readAllocation(JSON.stringify(answer))).toMatchObject({ generation: 0, isProbed: true });
});

test.each([
  ['<html>', 'no JSON'],
  ['[]', 'must be a JSON object'],
  ['null', 'must be a JSON object'],
  [JSON.stringify({ ...allocation, ips: [] }), 'no address'],
  [JSON.stringify({ ...allocation, ips: [{ address: '10.9.1.7' }] }), 'ips[0].address'],
  [JSON.stringify({ ...allocation, mac: undefined }), 'mac is missing'],
  [JSON.stringify({ ...allocation, mac: 'zz' }), 'mac: "zz"'],
  [JSON.stringify({ ...allocation, mac: 'ff:ff:ff:ff:ff:ff' }), 'mac: "ff:ff'],
  [JSON.stringify({ ...allocation, generation: 'x' }), 'generation must be'],
  [JSON.stringify({ ...allocation, routes: [{}] }), 'a route lacks its dst'],
])('%s is not readable', (text, words) => {
  expect(() => readAllocation(text)).toThrow(words);
  expect(() => readAllocation(text)).toThrow(expect.objectContaining({ code: 'IPAM_ANSWER_UNREADABLE' }));
});

test('a page of a list, and its end', () => {
  const item = { ...allocation, network: 'real', containerId: 'c1', ifname: 'eth0', node: 'n1' };
  expect(readList(JSON.stringify({ items: [item], cursor: 'more' }))).toMatchObject({
    items: [{ network: 'real', containerId: 'c1', ifname: 'eth0', generation: 3 }],
    cursor: 'more',
  });
  expect(readList('{"items":[]}')).toEqual({ items: [], cursor: undefined });
});
