import { vector } from '../testing/vector.ts';
import { batchBegin, decodeRuleComment, listTableRules, replaceTable } from './nft-table.ts';

const [, , , chain, rule] = replaceTable({
  name: 'r',
  chain: 'p',
  priority: 99,
  rules: [{ comment: 'c', statements: [{ match: 'dnat' }, { act: 'masquerade' }] }],
});

test('a batch is for nftables, in network byte order', () => {
  expect(batchBegin).toMatchObject({ type: 0x10, flags: 0 });
  expect(batchBegin.body).toEqual(vector('00 00 00 0a'));
});

test('a chain of type nat hangs after routing, at its priority', () => {
  expect(chain).toMatchObject({ type: 0xa03, flags: 0x400 }); // CREATE
  expect(chain?.body).toEqual(
    vector(`
      01 00 00 00                                # NFPROTO_INET
      06 00 01 00  72 00 00 00                   # NFTA_CHAIN_TABLE "r"
      06 00 03 00  70 00 00 00                   # NFTA_CHAIN_NAME "p"
      08 00 07 00  6e 61 74 00                   # NFTA_CHAIN_TYPE "nat"
      14 00 04 80                                # NFTA_CHAIN_HOOK
        08 00 01 00  00 00 00 04                 #   NF_INET_POST_ROUTING
        08 00 02 00  00 00 00 63                 #   priority 99`),
  );
});

test('a rule is its expressions, one after the other, and a comment', () => {
  expect(rule).toMatchObject({ type: 0xa06, flags: 0xc00 }); // CREATE | APPEND
  expect(rule?.body).toEqual(
    vector(`
      01 00 00 00
      06 00 01 00  72 00 00 00                   # NFTA_RULE_TABLE "r"
      06 00 02 00  70 00 00 00                   # NFTA_RULE_CHAIN "p"
      a8 00 04 80                                # NFTA_RULE_EXPRESSIONS
        20 00 01 80                              #   NFTA_LIST_ELEM
          07 00 01 00  63 74 00 00               #     "ct"
          14 00 02 80
            08 00 02 00  00 00 00 02             #       NFT_CT_STATUS
            08 00 01 00  00 00 00 01             #       into register 1
        44 00 01 80
          0c 00 01 00  62 69 74 77  69 73 65 00  #     "bitwise"
          34 00 02 80
            08 00 01 00  00 00 00 01
            08 00 02 00  00 00 00 01
            08 00 03 00  00 00 00 04             #       four octets
            0c 00 04 80  08 00 01 00  20 00 00 00  #     and IPS_DST_NAT, in the host's order
            0c 00 05 80  08 00 01 00  00 00 00 00  #     xor nothing
        2c 00 01 80
          08 00 01 00  63 6d 70 00               #     "cmp"
          20 00 02 80
            08 00 01 00  00 00 00 01
            08 00 02 00  00 00 00 01             #       is not
            0c 00 03 80  08 00 01 00  00 00 00 00  #     zero
        14 00 01 80
          09 00 01 00  6d 61 73 71  00 00 00 00  #     "masq"
          04 00 02 80
      08 00 07 00  00 02 63 00                   # NFTA_RULE_USERDATA: comment "c"`),
  );
  expect(decodeRuleComment(rule?.body ?? new Uint8Array())).toBe('c');
});

test('a rule of others has other userdata, or none', () => {
  expect(decodeRuleComment(vector('01 00 00 00'))).toBeUndefined();
  expect(decodeRuleComment(vector('01 00 00 00  08 00 07 00  01 02 63 00'))).toBeUndefined();
});

test('a list names table and chain', () => {
  expect(listTableRules({ name: 'r', chain: 'p' })).toMatchObject({ type: 0xa07, flags: 0x300 });
});
