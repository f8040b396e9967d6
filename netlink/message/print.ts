import { Ip } from '../../core/address/ip.ts';
import { decodeAcknowledgement } from './acknowledgement.ts';
import { addressTypes } from './address.ts';
import { Attributes } from './attributes.ts';
import { errnoName } from './errno.ts';
import { ifInfoLength, linkTypes } from './link.ts';
import { infoTypes, macvlanTypes, vlanTypes } from './link-kind.ts';
import { ackFlags, flags, getFlags, type Message, messageTypes, newFlags } from './message.ts';
import { type Names, nameOf, namesOfBits } from './names.ts';
import { neighbourTypes } from './neighbour.ts';
import { netnsIdTypes } from './netns-id.ts';
import { readText, readU32 } from './octets.ts';
import { metricTypes, routeAttributes } from './route.ts';
import { ruleTypes } from './rule.ts';

/** The types that all protocols have in common. */
const controlTypes = { NLMSG_ERROR: messageTypes.NLMSG_ERROR, NLMSG_DONE: messageTypes.NLMSG_DONE };

/** How a kind of attributes is read: their names, and the kinds of those that hold attributes. */
interface Kind {
  readonly names: Names;
  readonly inner?: Readonly<Record<string, Kind>>;
}

interface Family extends Kind {
  /** Octets of the structure before the attributes. */
  readonly header: number;
}

/** IFLA_INFO_DATA's attributes depend on the IFLA_INFO_KIND beside it. */
const data: Readonly<Record<string, Kind>> = {
  macvlan: { names: macvlanTypes },
  vlan: { names: vlanTypes },
};
/** By the first of each four message types: NEW, DEL, GET, SET. */
const families: Readonly<Record<number, Family>> = {
  [messageTypes.RTM_NEWLINK]: {
    header: ifInfoLength,
    names: linkTypes,
    inner: { LINKINFO: { names: infoTypes } },
  },
  [messageTypes.RTM_NEWADDR]: { header: 8, names: addressTypes },
  [messageTypes.RTM_NEWROUTE]: {
    header: 12,
    names: routeAttributes,
    inner: { METRICS: { names: metricTypes } },
  },
  [messageTypes.RTM_NEWNEIGH]: { header: 12, names: neighbourTypes },
  [messageTypes.RTM_NEWRULE]: { header: 12, names: ruleTypes },
  [messageTypes.RTM_NEWNSID]: { header: 4, names: netnsIdTypes },
};

const textual = new Set(['IFNAME', 'IFALIAS', 'KIND', 'LABEL', 'IIFNAME', 'OIFNAME']);
const addresses = new Set(['DST', 'SRC', 'GATEWAY', 'PREFSRC', 'LOCAL', 'ADDRESS', 'BROADCAST']);

/**
 * A message on one line, for people: type, flags, number, then its attributes by the kernel's names.
 *
 * @param types the names of the message types of the socket's protocol; attributes are read for rtnetlink only
 */
export function printMessage(message: Message, types: Names = messageTypes): string {
  const { type, sequence, body } = message;
  const name = nameOf(types, type) ?? nameOf(controlTypes, type) ?? `type ${type}`;
  const start = `${name} ${flagNames(message)} #${sequence}`;
  if (type === messageTypes.NLMSG_ERROR || type === messageTypes.NLMSG_DONE) {
    const verdict = decodeAcknowledgement(message);
    const words = verdict.errno === 0 ? 'done' : `${errnoName(verdict.errno)} (${verdict.errno})`;
    const offset = verdict.offset === undefined ? '' : ` at octet ${verdict.offset}`;
    return `${start} ${words}${verdict.message === undefined ? '' : `: ${verdict.message}`}${offset}`;
  }
  const family = types === messageTypes ? families[type & ~3] : undefined;
  if (family === undefined) {
    return `${start} ${hex(body)}`;
  }
  const attributes = Attributes.decode(body, family.header);
  return `${start} [${hex(body.subarray(0, family.header))}] ${printAttributes(attributes, family)}`;
}

function flagNames({ type, flags: bits }: Message): string {
  const names: string[] = namesOfBits(flags, bits);
  if (type === messageTypes.NLMSG_ERROR || type === messageTypes.NLMSG_DONE) {
    names.push(...namesOfBits(ackFlags, bits));
  } else if (type % 4 === 2) {
    names.push(...namesOfBits(getFlags, bits));
  } else if (type % 4 === 0) {
    names.push(...namesOfBits(newFlags, bits));
  }
  return names.join('|') || '-';
}

function printAttributes(attributes: Attributes, kind: Kind): string {
  return [...attributes.entries()]
    .map(([type, value]) => {
      const name = nameOf(kind.names, type) ?? `${type}`;
      const inner = name === 'DATA' ? data[attributes.text(infoTypes.KIND) ?? ''] : kind.inner?.[name];
      return `${name}=${inner ? `{${printAttributes(Attributes.decode(value), inner)}}` : printValue(name, value)}`;
    })
    .join(' ');
}

function printValue(name: string, value: Uint8Array): string {
  if (textual.has(name)) {
    return JSON.stringify(readText(value));
  }
  if (addresses.has(name) && (value.length === 4 || value.length === 16)) {
    return Ip.fromBytes(value).toString();
  }
  return value.length === 4 ? `${readU32(value, 0)}` : hex(value);
}

function hex(octets: Uint8Array): string {
  return [...octets].map((octet) => octet.toString(16).padStart(2, '0')).join(' ');
}
