import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { Prefix } from '../../../core/address/prefix.ts';
import { Fields } from '../../../core/cni/fields.ts';
import { present } from '../../../core/cni/present.ts';
import { readDns } from '../../../core/cni/result-read.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Allocation as Answer } from '../../../schema/allocation.ts';
import type { AllocatedIp, Allocation, Attachment } from './ipam.ts';

// Read by hand: a validator would cost more time than the kernel's work. Fields that are unknown are passed over,
// since servers are upgraded first.

function unreadable(message: string): never {
  throw new Problem('IPAM_ANSWER_UNREADABLE', `the IPAM server's answer is not readable: ${message}`);
}

/** @throws Problem IPAM_ANSWER_UNREADABLE */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return unreadable('it is no JSON');
  }
}

/** Names of fields as the server's schema has them. */
type Field = keyof Answer;

function must<T>(field: Field | 'address', value: T | undefined): T {
  return value ?? unreadable(`${field} is missing`);
}

/** The answer of POST /v1/allocations; @throws Problem IPAM_ANSWER_UNREADABLE */
export function readAllocation(text: string): Allocation {
  const fields = new Fields(readJson(text), unreadable);
  const ips = fields.objects('ips' satisfies Field).map(readIp);
  if (ips.length === 0) {
    unreadable('it holds no address');
  }
  return {
    generation: readGeneration(fields),
    mac: must('mac', fields.parsed('mac' satisfies Field, interfaceMac)),
    ips,
    routes: fields.objects('routes' satisfies Field).map(readRoute),
    dns: readDns(fields.object('dns' satisfies Field)),
    // The agent's word; a server never says so.
    ...(fields.flag('probed') ? { isProbed: true } : {}),
  };
}

/** An entry of GET /v1/allocations. */
export type Listed = Attachment & Pick<Allocation, 'generation' | 'ips'>;

/** A page of GET /v1/allocations; @throws Problem IPAM_ANSWER_UNREADABLE */
export function readList(text: string): { items: Listed[]; cursor: string | undefined } {
  const fields = new Fields(readJson(text), unreadable);
  const items = fields.objects('items').map((item) => ({
    network: item.text('network') ?? '',
    containerId: item.text('containerId') ?? '',
    ifname: item.text('ifname') ?? '',
    generation: readGeneration(item),
    ips: item.objects('ips').map(readIp),
  }));
  return { items, cursor: fields.text('cursor') };
}

/** What a node could be given of one family. */
export interface FamilyUsage {
  readonly family: string;
  readonly exhausted: boolean;
  readonly why: string | undefined;
}

/** The answer of GET /v1/nodes/{node}/usage; @throws Problem IPAM_ANSWER_UNREADABLE */
export function readUsage(text: string): FamilyUsage[] {
  const fields = new Fields(readJson(text), unreadable);
  return fields.objects('families').map((each) => ({
    family: each.text('family') ?? '',
    exhausted: each.flag('exhausted') ?? false,
    why: each.text('why'),
  }));
}

function interfaceMac(text: string): Mac {
  const mac = Mac.parse(text);
  return mac.isUnicast ? mac : unreadable(`mac: "${text}" can be no interface's own`);
}

function readGeneration(fields: Fields): number {
  return must('generation', fields.integer('generation' satisfies Field, 0, Number.MAX_SAFE_INTEGER));
}

function readIp(fields: Fields): AllocatedIp {
  return {
    address: must(
      'address',
      fields.parsed('address', (text) => Prefix.parse(text)),
    ),
    ...present({
      gateway: fields.parsed('gateway', (text) => Ip.parse(text)),
      vlan: fields.integer('vlan', 0, 4094),
    }),
  };
}

function readRoute(fields: Fields): Allocation['routes'][number] {
  const dst = fields.parsed('dst', (text) => Prefix.parse(text)) ?? unreadable('a route lacks its dst');
  return { dst, ...present({ gw: fields.parsed('gw', (text) => Ip.parse(text)) }) };
}
