import type { Mac } from '../../core/address/mac.ts';
import { encodeAttributes, type Field, given, nested } from './attributes.ts';
import { encodeIfInfo, linkTypes } from './link.ts';
import {
  kindFields,
  type MacvlanSettings,
  macvlanFields,
  type VlanSettings,
  vethPeer,
  vlanFields,
} from './link-kind.ts';
import { type LinkReference, linkIndex } from './link-reference.ts';
import { getFlags, messageTypes, newFlags, type Request } from './message.ts';
import { concat, text, u8, u32 } from './octets.ts';

/** A namespace by an open descriptor (a `Netns` is one) or by a process in it. */
export type NetnsReference = { readonly fd: number } | { readonly pid: number };

interface LinkSettings {
  readonly name?: string | undefined;
  readonly mac?: Mac | undefined;
  readonly mtu?: number | undefined;
  /** Where it is put; a new link is made there at once, under its final name. */
  readonly netns?: NetnsReference | undefined;
  readonly alias?: string | undefined;
}

interface MayBeUp {
  readonly up?: boolean | undefined;
}

/** A link to be made. A veth cannot be born up (ENOTCONN): its peer is not yet tied to it then. */
export type NewLink = LinkSettings & { readonly name: string } & (
    | ({ readonly kind: 'macvlan'; readonly parent: LinkReference } & MacvlanSettings & MayBeUp)
    | ({ readonly kind: 'vlan'; readonly parent: LinkReference } & VlanSettings & MayBeUp)
    | { readonly kind: 'veth'; readonly peer: LinkSettings & { readonly name: string } }
    | ({ readonly kind: 'bridge' | 'dummy' } & MayBeUp)
  );

/** What is to be different in a link; what is not named stays. */
export interface LinkChange extends LinkSettings, MayBeUp {
  /** IFF_MULTICAST: whether IPv6 joins the groups of routers on it. */
  readonly multicast?: boolean | undefined;
  /** The bridge to belong to; 0 leaves the one it belongs to. */
  readonly master?: LinkReference | undefined;
  /** How IPv6 makes the link-local address when the link goes up. */
  readonly addressGeneration?: keyof typeof addressGenerations | undefined;
}

/** IN6_ADDR_GEN_MODE_* of <linux/if_link.h>. */
const addressGenerations = { eui64: 0, none: 1, 'stable-privacy': 2, random: 3 } as const;
/** IFLA_INET6_ADDR_GEN_MODE, within AF_INET6 of IFLA_AF_SPEC. */
const inet6 = { family: 10, ADDR_GEN_MODE: 8 } as const;

const iffUp = 1;
const iffMulticast = 0x1000;
/** RTEXT_FILTER_SKIP_STATS: counters make up half of every answer and nobody here reads them. */
const skipStatistics = 8;

function header(index: number, up: boolean | undefined, multicast?: boolean): Uint8Array {
  const meant = (up === undefined ? 0 : iffUp) | (multicast === undefined ? 0 : iffMulticast);
  return encodeIfInfo(index, (up ? iffUp : 0) | (multicast ? iffMulticast : 0), meant);
}

function settingsFields(settings: LinkSettings): Field[] {
  const { netns } = settings;
  return [
    [linkTypes.IFNAME, given(settings.name, text)],
    [linkTypes.ADDRESS, given(settings.mac, (mac) => mac.toBytes())],
    [linkTypes.MTU, given(settings.mtu, u32)],
    [linkTypes.IFALIAS, given(settings.alias, text)],
    [linkTypes.NET_NS_FD, netns && 'fd' in netns ? u32(netns.fd) : undefined],
    [linkTypes.NET_NS_PID, netns && 'pid' in netns ? u32(netns.pid) : undefined],
  ];
}

function kindOf(link: NewLink): Field[] {
  switch (link.kind) {
    case 'macvlan':
      return kindFields(link.kind, macvlanFields(link));
    case 'vlan':
      return kindFields(link.kind, vlanFields(link));
    case 'veth':
      return kindFields(link.kind, [
        [vethPeer, concat([encodeIfInfo(0), encodeAttributes(settingsFields(link.peer))])],
      ]);
    default:
      return kindFields(link.kind, []);
  }
}

/** Makes a link; EEXIST when the name is taken. IFLA_LINK is an index of the socket's own namespace. */
export function createLink(link: NewLink): Request {
  const parent = 'parent' in link ? link.parent : undefined;
  return {
    type: messageTypes.RTM_NEWLINK,
    flags: newFlags.CREATE | newFlags.EXCL,
    body: concat([
      header(0, 'up' in link ? link.up : undefined),
      encodeAttributes([
        ...settingsFields(link),
        [linkTypes.LINK, given(parent, (link) => u32(linkIndex(link)))],
        nested(linkTypes.LINKINFO, kindOf(link)),
      ]),
    ]),
  };
}

/** Changes a link, in one step as far as the kernel goes. */
export function changeLink(link: LinkReference, change: LinkChange): Request {
  const { master, addressGeneration } = change;
  const generation = given(addressGeneration, (mode) =>
    encodeAttributes([nested(inet6.family, [[inet6.ADDR_GEN_MODE, u8(addressGenerations[mode])]])]),
  );
  return {
    type: messageTypes.RTM_SETLINK,
    flags: 0,
    body: concat([
      header(linkIndex(link), change.up, change.multicast),
      encodeAttributes([
        ...settingsFields(change),
        [linkTypes.MASTER, given(master, (link) => u32(linkIndex(link)))],
        [linkTypes.AF_SPEC | 0x8000, generation],
      ]),
    ]),
  };
}

export function deleteLink(link: LinkReference): Request {
  return { type: messageTypes.RTM_DELLINK, flags: 0, body: encodeIfInfo(linkIndex(link)) };
}

/** One link by index or name; ENODEV when there is none. */
export function getLink(which: number | string): Request {
  const [index, name] = typeof which === 'number' ? [which, undefined] : [0, which];
  const fields: Field[] = [
    [linkTypes.IFNAME, given(name, text)],
    [linkTypes.EXT_MASK, u32(skipStatistics)],
  ];
  return {
    type: messageTypes.RTM_GETLINK,
    flags: 0,
    body: concat([encodeIfInfo(index), encodeAttributes(fields)]),
  };
}

export function listLinks(): Request {
  return { ...getLink(0), flags: getFlags.DUMP };
}
