import type { Family } from '../../core/address/ip.ts';
import { Prefix } from '../../core/address/prefix.ts';
import { Attributes, encodeAttributes, given } from './attributes.ts';
import { familyNumber, familyOf } from './families.ts';
import { getFlags, messageTypes, newFlags, type Request } from './message.ts';
import { concat, readU8, text, u8, u32 } from './octets.ts';

/** FRA_* of <linux/fib_rules.h>. */
export const ruleTypes = {
  DST: 1,
  SRC: 2,
  IIFNAME: 3,
  PRIORITY: 6,
  FWMARK: 10,
  SUPPRESS_PREFIXLEN: 14,
  TABLE: 15,
  FWMASK: 16,
  OIFNAME: 17,
} as const;

const ruleLength = 12;
/** FR_ACT_TO_TBL. */
const lookUp = 1;

/** A rule that sends what it matches to a routing table. */
export interface NewRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly from?: Prefix | undefined;
  readonly to?: Prefix | undefined;
  /** Name of the link that a packet came in by; `lo` for the host's own. */
  readonly incoming?: string | undefined;
  readonly outgoing?: string | undefined;
  readonly mark?: number | undefined;
  readonly mask?: number | undefined;
}

/** A rule as the kernel reports it. */
export interface Rule extends Required<NewRule> {
  /** FR_ACT_*: 1 looks up the table. */
  readonly action: number;
}

/** `struct fib_rule_hdr` and attributes. */
function encodeRule(rule: NewRule): Uint8Array {
  const { from, to, table } = rule;
  const compact = table < 256 ? table : 0;
  return concat([
    Uint8Array.of(familyNumber(rule.family), to?.bits ?? 0, from?.bits ?? 0, 0, compact, 0, 0, lookUp),
    u32(0),
    encodeAttributes([
      [ruleTypes.DST, given(to, (prefix) => prefix.address.toBytes())],
      [ruleTypes.SRC, given(from, (prefix) => prefix.address.toBytes())],
      [ruleTypes.IIFNAME, given(rule.incoming, text)],
      [ruleTypes.OIFNAME, given(rule.outgoing, text)],
      [ruleTypes.PRIORITY, u32(rule.priority)],
      [ruleTypes.FWMARK, given(rule.mark, u32)],
      [ruleTypes.FWMASK, given(rule.mask, u32)],
      [ruleTypes.TABLE, u32(table)],
    ]),
  ]);
}

/** EEXIST when there is just this rule. */
export function addRule(rule: NewRule): Request {
  const flags = newFlags.CREATE | newFlags.EXCL;
  return { type: messageTypes.RTM_NEWRULE, flags, body: encodeRule(rule) };
}

/** ENOENT when there is none. */
export function deleteRule(rule: NewRule): Request {
  return { type: messageTypes.RTM_DELRULE, flags: 0, body: encodeRule(rule) };
}

export function listRules(family: Family | undefined): Request {
  return {
    type: messageTypes.RTM_GETRULE,
    flags: getFlags.DUMP,
    body: concat([u8(familyNumber(family)), new Uint8Array(ruleLength - 1)]),
  };
}

/** The rule in the body of an RTM_NEWRULE; undefined for one of another family. */
export function decodeRule(body: Uint8Array): Rule | undefined {
  const family = familyOf(readU8(body, 0));
  if (family === undefined) {
    return undefined;
  }
  const attributes = Attributes.decode(body, ruleLength);
  const prefix = (type: number, bits: number): Prefix | undefined => {
    const ip = attributes.ip(type);
    return ip && new Prefix(ip, bits);
  };
  return {
    family,
    priority: attributes.u32(ruleTypes.PRIORITY) ?? 0,
    table: attributes.u32(ruleTypes.TABLE) ?? readU8(body, 4),
    from: prefix(ruleTypes.SRC, readU8(body, 2)),
    to: prefix(ruleTypes.DST, readU8(body, 1)),
    incoming: attributes.text(ruleTypes.IIFNAME),
    outgoing: attributes.text(ruleTypes.OIFNAME),
    mark: attributes.u32(ruleTypes.FWMARK),
    mask: attributes.u32(ruleTypes.FWMASK),
    action: readU8(body, 7),
  };
}
