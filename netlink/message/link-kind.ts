import { type Attributes, type Field, given, nested } from './attributes.ts';
import { type NameIn, nameOf } from './names.ts';
import { readU16BigEndian, text, u16, u16BigEndian, u32 } from './octets.ts';

/** IFLA_INFO_* of <linux/if_link.h>. */
export const infoTypes = { KIND: 1, DATA: 2 } as const;
/** IFLA_MACVLAN_*. */
export const macvlanTypes = { MODE: 1, FLAGS: 2, BC_QUEUE_LEN: 7, BC_QUEUE_LEN_USED: 8 } as const;
/** IFLA_VLAN_*. */
export const vlanTypes = { ID: 1, PROTOCOL: 5 } as const;
/** VETH_INFO_PEER of <linux/veth.h>. */
export const vethPeer = 1;

const macvlanModes = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 } as const;
export type MacvlanMode = NameIn<typeof macvlanModes>;
const noPromiscuous = 1;

/** ETH_P_8021Q and ETH_P_8021AD of <linux/if_ether.h>. */
const vlanProtocols = { '802.1q': 0x8100, '802.1ad': 0x88a8 } as const;
export type VlanProtocol = NameIn<typeof vlanProtocols>;

/** What makes a link a macvlan. */
export interface MacvlanSettings {
  /** Always sent: the kernel's own default is vepa, which is hardly ever meant. */
  readonly mode: MacvlanMode;
  /** MACVLAN_FLAG_NOPROMISC: leave the parent out of promiscuous mode (passthru only). */
  readonly noPromiscuous?: boolean | undefined;
  /** Frames that the parent may queue for broadcast; the port's queue is as long as the longest asked for. */
  readonly broadcastQueue?: number | undefined;
}

/** What makes a link a VLAN. */
export interface VlanSettings {
  readonly id: number;
  /** 802.1q unless given. */
  readonly protocol?: VlanProtocol | undefined;
}

/** A macvlan as the kernel reports it. */
export interface MacvlanInfo {
  /** Undefined for a mode that is newer than this library. */
  readonly mode: MacvlanMode | undefined;
  readonly noPromiscuous: boolean;
  /** What this macvlan asked for. */
  readonly broadcastQueue: number | undefined;
  /** What its port has. */
  readonly broadcastQueueUsed: number | undefined;
}

/** A VLAN as the kernel reports it. */
export interface VlanInfo {
  readonly id: number;
  readonly protocol: VlanProtocol | undefined;
}

/** IFLA_LINKINFO's fields: the kind and its own data. */
export function kindFields(kind: string, data: readonly Field[]): Field[] {
  const fields: Field[] = [[infoTypes.KIND, text(kind)]];
  return data.length === 0 ? fields : [...fields, nested(infoTypes.DATA, data)];
}

export function macvlanFields(settings: MacvlanSettings): Field[] {
  return [
    [macvlanTypes.MODE, u32(macvlanModes[settings.mode])],
    [macvlanTypes.FLAGS, given(settings.noPromiscuous, (set) => u16(set ? noPromiscuous : 0))],
    [macvlanTypes.BC_QUEUE_LEN, given(settings.broadcastQueue, u32)],
  ];
}

export function vlanFields(settings: VlanSettings): Field[] {
  return [
    [vlanTypes.ID, u16(settings.id)],
    [vlanTypes.PROTOCOL, u16BigEndian(vlanProtocols[settings.protocol ?? '802.1q'])],
  ];
}

export function decodeMacvlan(data: Attributes): MacvlanInfo {
  return {
    mode: nameOf(macvlanModes, data.u32(macvlanTypes.MODE) ?? 0),
    noPromiscuous: ((data.u16(macvlanTypes.FLAGS) ?? 0) & noPromiscuous) !== 0,
    broadcastQueue: data.u32(macvlanTypes.BC_QUEUE_LEN),
    broadcastQueueUsed: data.u32(macvlanTypes.BC_QUEUE_LEN_USED),
  };
}

export function decodeVlan(data: Attributes): VlanInfo {
  const protocol = data.octets(vlanTypes.PROTOCOL);
  return {
    id: data.u16(vlanTypes.ID) ?? 0,
    protocol: protocol && nameOf(vlanProtocols, readU16BigEndian(protocol, 0)),
  };
}
