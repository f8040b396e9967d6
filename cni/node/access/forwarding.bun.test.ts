import { afterAll, expect, test } from 'bun:test';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { forwardingFaults } from './forwarding.bun.ts';

const root = mkdtempSync(join(tmpdir(), 'realip-forwarding-'));
afterAll(() => rmSync(root, { recursive: true }));

test('a host that forwards one family is told the other’s switch, also where the kernel lacks it', () => {
  mkdirSync(join(root, 'net/ipv4'), { recursive: true });
  writeFileSync(join(root, 'net/ipv4/ip_forward'), '1\n');
  expect(forwardingFaults(['ipv4', 'ipv6'], root)).toEqual([
    expect.stringContaining('net/ipv6/conf/all/forwarding is not 1'),
  ]);
  writeFileSync(join(root, 'net/ipv4/ip_forward'), '0\n');
  expect(forwardingFaults(['ipv4'], root)).toEqual([expect.stringContaining('net/ipv4/ip_forward')]);
});
