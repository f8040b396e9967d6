import { SyncAnswer } from '../../../schema/node-sync.ts';
import { ReserveAnswer } from '../../../schema/reserve.ts';
import { readerOf } from './lenient.ts';

const sync = {
  ...{ release: [], revoked: [], adopted: [], conflicts: [], suspects: [] },
  ...{ epoch: 1, time: '2026-11-21T10:00:00.000Z' },
};
const subnet = {
  subnet: 'lan',
  family: 'ipv4',
  routes: [{ dst: '10.20.0.0/16', news: 1 }],
  dns: { news: 1 },
};

test('fields of a newer server are passed over, at any depth', () => {
  expect(readerOf(SyncAnswer)(JSON.stringify({ ...sync, news: true }))).toMatchObject(sync);
  const reserve = {
    addresses: [],
    recall: [],
    subnets: [{ ...subnet, own: 1, most: 1, news: [] }],
    constraints: { version: 'a' },
    nodes: 1,
    epoch: 1,
    time: sync.time,
  };
  expect(readerOf(ReserveAnswer)(JSON.stringify(reserve))).toEqual(reserve);
});

test.each([
  '<html>',
  '[]',
  '{}',
  JSON.stringify({ ...sync, epoch: 'one' }),
  JSON.stringify({ ...sync, time: 'now' }),
])('%s is no answer that can be read', (text) => {
  expect(() => readerOf(SyncAnswer)(text)).toThrow(
    expect.objectContaining({ code: 'IPAM_ANSWER_UNREADABLE' }),
  );
});
