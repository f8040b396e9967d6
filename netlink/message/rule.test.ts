import { Prefix } from '../../core/address/prefix.ts';
import { vector } from '../testing/vector.ts';
import { addRule, decodeRule, deleteRule, listRules } from './rule.ts';

const rule = {
  family: 'ipv4',
  priority: 100,
  table: 1000,
  from: Prefix.parse('10.9.1.7/32'),
  incoming: 'lo',
  mark: 1,
  mask: 0xff,
} as const;
const octets = vector(`
  02 00 20 00  00 00 00 01  00 00 00 00  # struct fib_rule_hdr: AF_INET, from /32, table in FRA_TABLE, FR_ACT_TO_TBL
  08 00 02 00  0a 09 01 07               # FRA_SRC
  07 00 03 00  6c 6f 00 00               # FRA_IIFNAME "lo"
  08 00 06 00  64 00 00 00               # FRA_PRIORITY 100
  08 00 0a 00  01 00 00 00               # FRA_FWMARK
  08 00 10 00  ff 00 00 00               # FRA_FWMASK
  08 00 0f 00  e8 03 00 00               # FRA_TABLE 1000`);

test('a rule is written and read back', () => {
  expect(addRule(rule)).toEqual({ type: 32, flags: 0x600, body: octets }); // RTM_NEWRULE, CREATE | EXCL
  expect(decodeRule(octets)).toEqual({ ...rule, to: undefined, outgoing: undefined, action: 1 });
});

test('a rule is deleted by all that it says', () => {
  expect(deleteRule(rule)).toEqual({ type: 33, flags: 0, body: octets });
});

test('a list has only the family in its header', () => {
  expect(listRules('ipv6').body).toEqual(vector('0a 00 00 00  00 00 00 00  00 00 00 00'));
});
