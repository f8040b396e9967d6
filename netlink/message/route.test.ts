import { Ip } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { vector } from '../testing/vector.ts';
import { decodeRoute } from './route.ts';
import { addRoute, deleteRoute, listRoutes, replaceRoute } from './route-request.ts';

test('a default route has no RTA_DST; metrics nest and ONLINK is a flag', () => {
  const request = addRoute({
    destination: Prefix.parse('0.0.0.0/0'),
    gateway: Ip.parse('169.254.1.1'),
    link: 5,
    onlink: true,
    mtu: 1400,
    advmss: 1360,
  });
  expect(request).toMatchObject({ type: 24, flags: 0x600 }); // RTM_NEWROUTE, CREATE | EXCL
  expect(request.body).toEqual(
    vector(`
      02 00 00 00  fe 04 00 01  04 00 00 00  # struct rtmsg: /0, main, static, global, unicast, RTNH_F_ONLINK
      08 00 05 00  a9 fe 01 01               # RTA_GATEWAY
      08 00 04 00  05 00 00 00               # RTA_OIF
      08 00 0f 00  fe 00 00 00               # RTA_TABLE main
      14 00 08 80                            # RTA_METRICS
        08 00 02 00  78 05 00 00             #   RTAX_MTU 1400
        08 00 08 00  50 05 00 00             #   RTAX_ADVMSS 1360`),
  );
});

test('a route without gateway is of link scope, and a gateway of the other family is an RTA_VIA', () => {
  const destination = Prefix.parse('10.0.0.0/8');
  const source = Ip.parse('10.9.1.7');
  expect(addRoute({ destination, link: 5, source, priority: 7 }).body).toEqual(
    vector(`
      02 08 00 00  fe 04 fd 01  00 00 00 00  # scope link (253)
      08 00 01 00  0a 00 00 00               # RTA_DST
      08 00 04 00  05 00 00 00               # RTA_OIF
      08 00 07 00  0a 09 01 07               # RTA_PREFSRC
      08 00 06 00  07 00 00 00               # RTA_PRIORITY
      08 00 0f 00  fe 00 00 00               # RTA_TABLE`),
  );
  const request = replaceRoute({ destination, gateway: Ip.parse('fe80::1') });
  expect(request.flags).toBe(0x500); // CREATE | REPLACE
  expect(request.body.slice(20, 44)).toEqual(
    vector('16 00 12 00  0a 00  fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 01  00 00'),
  );
});

test('a delete leaves open what is not given, and tables above 255 go into RTA_TABLE only', () => {
  expect(deleteRoute({ destination: Prefix.parse('10.9.1.7/32'), table: 1000 }).body).toEqual(
    vector(`
      02 20 00 00  00 00 ff 00  00 00 00 00  # table in the attribute, any protocol, scope nowhere, any kind
      08 00 01 00  0a 09 01 07
      08 00 0f 00  e8 03 00 00`),
  );
});

test('a list asks the kernel to filter', () => {
  expect(listRoutes({ family: 'ipv4', table: 254, link: 5, protocol: 82 }).body).toEqual(
    vector(`
      02 00 00 00  00 52 00 00  00 00 00 00  # RTPROT 82
      08 00 0f 00  fe 00 00 00
      08 00 04 00  05 00 00 00`),
  );
});

test('a route is read with its metrics', () => {
  const route = decodeRoute(
    vector(`
      02 10 00 00  fe 02 fd 01  00 00 00 00
      08 00 0f 00  fe 00 00 00
      08 00 01 00  0a 09 00 00
      08 00 07 00  0a 09 01 07
      08 00 04 00  05 00 00 00
      0c 00 08 00  08 00 02 00  78 05 00 00`),
  );
  expect(JSON.parse(JSON.stringify(route))).toEqual({
    destination: '10.9.0.0/16',
    kind: 'unicast',
    source: '10.9.1.7',
    index: 5,
    scope: 253,
    table: 254,
    protocol: 2,
    priority: 0,
    mtu: 1400,
    onlink: false,
    nexthops: [],
  });
});

test('a default IPv6 route and a multipath one are read', () => {
  expect(`${decodeRoute(vector('0a 00 00 00 fe 04 00 01 00 00 00 00'))?.destination}`).toBe('::/0');
  const route = decodeRoute(
    vector(`
      02 00 00 00  fe 04 00 01  00 00 00 00
      24 00 09 00                                        # RTA_MULTIPATH
        10 00 04 00  05 00 00 00  08 00 05 00 0a 09 00 01  #   struct rtnexthop: ONLINK, index 5; RTA_GATEWAY
        10 00 00 00  06 00 00 00  08 00 05 00 0a 09 00 02  #   index 6`),
  );
  expect(route?.nexthops.map((each) => `${each.gateway} ${each.index} ${each.onlink}`)).toEqual([
    '10.9.0.1 5 true',
    '10.9.0.2 6 false',
  ]);
  expect(decodeRoute(vector('80 00 00 00 fe 04 00 01 00 00 00 00'))).toBeUndefined();
});
