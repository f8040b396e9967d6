import type { Family, Ip } from '../../core/address/ip.ts';
import { encodeAttributes, type Field, nested } from './attributes.ts';
import { familyNumber } from './families.ts';
import { concat, text, u8, u32, u32BigEndian } from './octets.ts';

/** What a rule of nftables asks of a packet, and what it does with one that has it all. In postrouting of type nat. */
export type Statement =
  | { readonly match: 'iifname' | 'oifname'; readonly startsWith: string }
  | { readonly match: 'family'; readonly is: Family }
  /** The connection's destination was translated. */
  | { readonly match: 'dnat' }
  | { readonly act: 'masquerade' }
  | { readonly act: 'snat'; readonly to: Ip };

/** NFTA_LIST_ELEM; NFTA_EXPR_*. */
const list = { ELEM: 1 } as const;
const expression = { NAME: 1, DATA: 2 } as const;
/** NFTA_DATA_VALUE. */
const data = { VALUE: 1 } as const;
/** NFTA_META_*, NFTA_CT_*: both alike. */
const load = { DREG: 1, KEY: 2 } as const;
const cmp = { SREG: 1, OP: 2, DATA: 3 } as const;
const bitwise = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5 } as const;
const immediate = { DREG: 1, DATA: 2 } as const;
const nat = { TYPE: 1, FAMILY: 2, REG_ADDR_MIN: 3 } as const;

/** NFT_META_* and NFT_CT_STATUS: what is loaded. */
const metaKeys = { iifname: 6, oifname: 7, family: 15 } as const;
const ctStatus = 2;
/** IPS_DST_NAT of <linux/netfilter/nf_conntrack_common.h>. */
const isDnat = 1 << 5;
const operators = { eq: 0, neq: 1 } as const;
const snat = 0;

/** NFT_REG_1: one register does, because each match is done with before the next begins. */
const register = u32BigEndian(1);

/** NFTA_RULE_EXPRESSIONS' value: the statements as the expressions that `nft --debug=netlink` shows for them. */
export function encodeStatements(statements: readonly Statement[]): Uint8Array {
  return concat(statements.map((statement) => concat(expressionsOf(statement))));
}

function expressionsOf(statement: Statement): Uint8Array[] {
  if ('act' in statement) {
    return statement.act === 'masquerade' ? [encode('masq', [])] : translate(statement.to);
  }
  switch (statement.match) {
    case 'family':
      return [loadMeta(statement.match), compare('eq', u8(familyNumber(statement.is)))];
    case 'dnat':
      return [
        encode('ct', [
          [load.KEY, u32BigEndian(ctStatus)],
          [load.DREG, register],
        ]),
        keepBits(isDnat),
        compare('neq', u32(0)),
      ];
    default:
      // A text without its NUL is a prefix.
      return [loadMeta(statement.match), compare('eq', text(statement.startsWith).subarray(0, -1))];
  }
}

function loadMeta(key: keyof typeof metaKeys): Uint8Array {
  return encode('meta', [
    [load.KEY, u32BigEndian(metaKeys[key])],
    [load.DREG, register],
  ]);
}

function compare(operator: keyof typeof operators, value: Uint8Array): Uint8Array {
  return encode('cmp', [
    [cmp.SREG, register],
    [cmp.OP, u32BigEndian(operators[operator])],
    nested(cmp.DATA, [[data.VALUE, value]]),
  ]);
}

function keepBits(mask: number): Uint8Array {
  return encode('bitwise', [
    [bitwise.SREG, register],
    [bitwise.DREG, register],
    [bitwise.LEN, u32BigEndian(4)],
    nested(bitwise.MASK, [[data.VALUE, u32(mask)]]),
    nested(bitwise.XOR, [[data.VALUE, u32(0)]]),
  ]);
}

function translate(to: Ip): Uint8Array[] {
  return [
    encode('immediate', [[immediate.DREG, register], nested(immediate.DATA, [[data.VALUE, to.toBytes()]])]),
    encode('nat', [
      [nat.TYPE, u32BigEndian(snat)],
      [nat.FAMILY, u32BigEndian(familyNumber(to.family))],
      [nat.REG_ADDR_MIN, register],
    ]),
  ];
}

function encode(name: string, fields: readonly Field[]): Uint8Array {
  const whole = nested(list.ELEM, [[expression.NAME, text(name)], nested(expression.DATA, fields)]);
  return encodeAttributes([whole]);
}
