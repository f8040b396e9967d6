import { Attributes, encodeAttributes, type Field, nested } from './attributes.ts';
import { getFlags, netfilterTypes, newFlags, type Request } from './message.ts';
import { encodeStatements, type Statement } from './nft-statement.ts';
import { concat, readText, text, u8, u16BigEndian, u32BigEndian } from './octets.ts';

/** A table of nftables in the family `inet` with one chain, which translates what leaves. */
export interface NatTable {
  readonly name: string;
  readonly chain: string;
  /** 100 (`srcnat`) is where others have theirs; the first chain that translates a connection decides. */
  readonly priority: number;
  readonly rules: readonly NatRule[];
}

export interface NatRule {
  /** At most 127 octets; shown by `nft list`. */
  readonly comment: string;
  readonly statements: readonly Statement[];
}

/** NFPROTO_INET: both families at once (chains of type nat: since Linux 5.2). */
const inet = 1;
/** NFNL_SUBSYS_NFTABLES, which a batch is for. */
const nftables = 10;
/** NF_INET_POST_ROUTING. */
const postrouting = 4;

const tableTypes = { NAME: 1 } as const;
const chainTypes = { TABLE: 1, NAME: 3, HOOK: 4, TYPE: 7 } as const;
const hookTypes = { HOOKNUM: 1, PRIORITY: 2 } as const;
const ruleTypes = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4, USERDATA: 7 } as const;
/** NFTNL_UDATA_RULE_COMMENT of libnftnl: how `nft` keeps a rule's comment. */
const commentType = 0;

const headerLength = 4;

/** `struct nfgenmsg`. */
function body(family: number, resource: number, fields: readonly Field[]): Uint8Array {
  return concat([u8(family), u8(0), u16BigEndian(resource), encodeAttributes(fields)]);
}

function request(type: number, flags: number, fields: readonly Field[]): Request {
  return { type, flags, body: body(inet, 0, fields) };
}

/** The marks around the requests of one transaction. */
export const batchBegin: Request = {
  type: netfilterTypes.BATCH_BEGIN,
  flags: 0,
  body: body(0, nftables, []),
};
export const batchEnd: Request = { type: netfilterTypes.BATCH_END, flags: 0, body: body(0, nftables, []) };

/** The requests that put a table in the place of the one of its name, if there is one; for one transaction. */
export function replaceTable({ name, chain, priority, rules }: NatTable): Request[] {
  const table: Field = [tableTypes.NAME, text(name)];
  const create = request(netfilterTypes.NFT_NEWTABLE, newFlags.CREATE, [table]);
  return [
    // Only what is there can be deleted.
    create,
    deleteTable(name),
    create,
    request(netfilterTypes.NFT_NEWCHAIN, newFlags.CREATE, [
      [chainTypes.TABLE, text(name)],
      [chainTypes.NAME, text(chain)],
      [chainTypes.TYPE, text('nat')],
      nested(chainTypes.HOOK, [
        [hookTypes.HOOKNUM, u32BigEndian(postrouting)],
        [hookTypes.PRIORITY, u32BigEndian(priority)],
      ]),
    ]),
    ...rules.map(({ comment, statements }) =>
      request(netfilterTypes.NFT_NEWRULE, newFlags.CREATE | newFlags.APPEND, [
        [ruleTypes.TABLE, text(name)],
        [ruleTypes.CHAIN, text(chain)],
        [ruleTypes.EXPRESSIONS | 0x8000, encodeStatements(statements)],
        [ruleTypes.USERDATA, encodeComment(comment)],
      ]),
    ),
  ];
}

/** Deletes a table that is there. */
export function deleteTable(name: string): Request {
  return request(netfilterTypes.NFT_DELTABLE, 0, [[tableTypes.NAME, text(name)]]);
}

/** The rules of a chain, none where there is no such table. */
export function listTableRules({ name, chain }: Pick<NatTable, 'name' | 'chain'>): Request {
  return request(netfilterTypes.NFT_GETRULE, getFlags.DUMP, [
    [ruleTypes.TABLE, text(name)],
    [ruleTypes.CHAIN, text(chain)],
  ]);
}

/** The comment of the rule in the body of an NFT_NEWRULE. */
export function decodeRuleComment(message: Uint8Array): string | undefined {
  const userdata = Attributes.decode(message, headerLength).octets(ruleTypes.USERDATA);
  return userdata?.[0] === commentType ? readText(userdata.subarray(2, 2 + (userdata[1] ?? 0))) : undefined;
}

function encodeComment(comment: string): Uint8Array {
  const octets = text(comment);
  return concat([u8(commentType), u8(octets.length), octets]);
}
