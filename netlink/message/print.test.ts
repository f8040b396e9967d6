import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { vector } from '../testing/vector.ts';
import { createLink } from './link-request.ts';
import { netfilterTypes, type Request } from './message.ts';
import { printMessage } from './print.ts';
import { addRoute } from './route-request.ts';

function print(request: Request, flags = 5): string {
  return printMessage({ ...request, flags: request.flags | flags, sequence: 3, port: 0 });
}

test('a request is one line with the kernel’s names', () => {
  const link = createLink({ kind: 'macvlan', mode: 'bridge', name: 'eth0', parent: 3 });
  expect(print(link)).toBe(
    `RTM_NEWLINK REQUEST|ACK|EXCL|CREATE #3 [${'00 '.repeat(15)}00] ` +
      'IFNAME="eth0" LINK=3 LINKINFO={KIND="macvlan" DATA={MODE=4}}',
  );
  const route = addRoute({
    destination: Prefix.parse('10.0.0.0/8'),
    gateway: Ip.parse('10.9.0.1'),
    mtu: 1400,
  });
  expect(print(route)).toContain('DST=10.0.0.0 GATEWAY=10.9.0.1 TABLE=254 METRICS={MTU=1400}');
});

test('a verdict is told in words', () => {
  const body = vector('ef ff ff ff  20 00 00 00  10 00 05 06  01 00 00 00  00 00 00 00');
  expect(printMessage({ type: 2, flags: 0x100, sequence: 3, port: 9, body })).toBe(
    'NLMSG_ERROR CAPPED #3 EEXIST (17)',
  );
});

test('an unknown type is shown as octets', () => {
  const message = { type: 200, flags: 0, sequence: 1, port: 0, body: vector('01 02') };
  expect(printMessage(message)).toBe('type 200 - #1 01 02');
});

test('a message to netfilter has netfilter’s name', () => {
  const message = { type: 16, flags: 1, sequence: 1, port: 0, body: vector('00 00 00 0a') };
  expect(printMessage(message, netfilterTypes)).toBe('BATCH_BEGIN REQUEST #1 00 00 00 0a');
  const verdict = { type: 2, flags: 0, sequence: 1, port: 0, body: new Uint8Array(20) };
  expect(printMessage(verdict, netfilterTypes)).toBe('NLMSG_ERROR - #1 done');
});
