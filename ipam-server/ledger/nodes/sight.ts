import { Ip } from '../../../core/address/ip.ts';
import type { HeldAttachment, LiveAttachment, SyncConflict } from '../../../schema/node-sync.ts';
import { takeConflict } from '../addresses/conflict.ts';
import type { Decision, Moment } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { type AllocationRecord, attachmentName } from '../state/record.ts';
import { type Adoption, adopt, macSeen, type Refusal, type Sight } from './adopt.ts';
import { agentOf, heldAttachment } from './agent.ts';

/** What an attachment that a node shows is to the ledger. */
export type Judgement =
  | { readonly is: 'known' }
  | { readonly is: 'revoked'; readonly entry: HeldAttachment }
  | {
      readonly is: 'strange';
      readonly adopted: HeldAttachment | null;
      readonly refusals: readonly Refusal[];
    };

const known: Decision<Judgement> = { writes: [], answer: { is: 'known' } };

/** The sight of an attachment on a node. */
export function sightOf(node: string, zone: string, shown: LiveAttachment): Sight {
  return { node, zone, shown, ips: shown.addresses.map(Ip.parse) };
}

/**
 * Compares an attachment that lives on a node with the ledger. One that the ledger does not know is adopted; what
 * was revoked never is; what cannot both be true is told and not resolved.
 *
 * @param asOf milliseconds since 1970: what the ledger has learned since does not contradict what was seen
 */
export function judge(
  ledger: Ledger,
  sight: Sight,
  asOf: number | undefined,
  moment: Moment,
): Decision<Judgement> {
  const { node, shown, ips } = sight;
  const present = ledger.holders.ofAttachment(attachmentName(shown));
  const strange = ips.filter((ip) => !has(present, ip));
  if (present?.node === node && strange.length === 0) {
    return known;
  }
  const entry = revokedEntry(ledger, sight);
  if (entry !== undefined) {
    return { writes: [], answer: { is: 'revoked', entry } };
  }
  if (present === undefined) {
    return ips.length === 0 || isOutdated(ledger, ips, asOf)
      ? known
      : strangerOf(adopt(ledger, sight, moment));
  }
  if (isOlder(present, shown, asOf)) {
    return known;
  }
  const why = differing(present, node);
  const refusals = (present.node === node ? strange : ips).map((ip) => ({ ip, ...why }));
  return { writes: [], answer: { is: 'strange', adopted: null, refusals } };
}

function strangerOf({ answer: { record, refusals }, ...decision }: Decision<Adoption>): Decision<Judgement> {
  const adopted = record && heldAttachment(record);
  return { ...decision, answer: { is: 'strange', adopted, refusals } };
}

function has(present: AllocationRecord | undefined, ip: Ip): boolean {
  return present?.ips.some(({ address }) => address === ip.toString()) === true;
}

/** What was taken from the node under this name, if it is what the node still shows. */
function revokedEntry(ledger: Ledger, { node, shown, ips }: Sight): HeldAttachment | undefined {
  const name = attachmentName(shown);
  return agentOf(ledger, node).revoked.find(
    (each) =>
      attachmentName(each) === name &&
      (ips.length === 0 || ips.some((ip) => each.addresses.includes(ip.toString()))),
  );
}

/** Reports whether it was released after the node looked. */
function isOutdated(ledger: Ledger, ips: readonly Ip[], asOf: number | undefined): boolean {
  return asOf !== undefined && ips.some((ip) => (ledger.releasedAt(ip.toString())?.record.at ?? 0) >= asOf);
}

/** Reports whether the node saw what came before the present allocation. */
function isOlder(present: AllocationRecord, shown: LiveAttachment, asOf: number | undefined): boolean {
  const isOlderGeneration = shown.generation !== undefined && shown.generation < present.generation;
  return isOlderGeneration || (asOf !== undefined && present.at >= asOf);
}

function differing(present: AllocationRecord, node: string): Pick<Refusal, 'code' | 'why'> {
  const given = present.ips.map(({ address }) => address).join(', ');
  return present.node === node
    ? { code: 'ADDRESS_NOT_GIVEN', why: `the ledger gave this attachment ${given}` }
    : { code: 'ATTACHMENT_ON_OTHER_NODE', why: `the ledger has the attachment on node ${present.node}` };
}

/** A refusal as the node is told of it. */
export function conflictOf({ shown }: Sight, { ip, code, why }: Refusal): SyncConflict {
  const { network, containerId, ifname } = shown;
  return { address: ip.toString(), network, containerId, ifname, code, why };
}

/**
 * Marks the address of a refusal as in use by the attachment that shows it, so that it is given to nobody: it stays
 * with its owner, leaves a reserve, is quarantined when nobody has it. Marked again only when half its time is over.
 *
 * @returns whether it was marked now
 */
export function mark(ledger: Ledger, sight: Sight, { ip }: Refusal, { now }: Moment): Decision<boolean> {
  const { node, zone, shown } = sight;
  const network = ledger.networkOf(ip);
  if (network === undefined || network.spec.zone !== zone) {
    return { writes: [], answer: false };
  }
  const mac = macSeen(ledger, sight, ip);
  const before = ledger.contestedAt(ip.toString())?.record;
  if (before?.mac === mac && before.node === node && before.at + network.quarantine / 2 > now) {
    return { writes: [], answer: false };
  }
  const { writes } = takeConflict(ledger, ip, { node, mac }, {}, { now });
  const why = `node ${node} shows it on ${attachmentName(shown)}`;
  return { writes, answer: writes.length > 0, why };
}
