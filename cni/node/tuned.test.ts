import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mtuBeforeTuning } from './tuned.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-tuned-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['{"mac": "02:00:00:00:00:01", "mtu": 1500}', 1500],
  ['{"promisc": true}', undefined],
  ['{"mtu": "1500"}', undefined],
  ['{"mtu":', undefined],
  ['null', undefined],
])('the note %s tells of %j', (text, mtu) => {
  writeFileSync(join(folder, 'c1_eth0.json'), text);
  expect(mtuBeforeTuning('c1', 'eth0', folder)).toBe(mtu);
});

test('where there is no note, tuning changed nothing', () => {
  expect(mtuBeforeTuning('c2', 'eth0', folder)).toBeUndefined();
});
