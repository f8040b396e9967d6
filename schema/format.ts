import { Ip } from '../core/address/ip.ts';
import { checkMacPrefix, Mac } from '../core/address/mac.ts';
import { Prefix } from '../core/address/prefix.ts';
import { Range } from '../core/address/range.ts';
import { faultOfIfname, isContainerId } from '../core/cni/names.ts';
import { checkTimeSpan } from '../core/duration.ts';
import { Problem } from '../core/problem/problem.ts';

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
/** CNI sets no bound; a store's key needs one. */
const longestCniName = 256;

function checkObjectName(text: string): void {
  if (text.length > 253 || !subdomain.test(text)) {
    throw new Problem('INVALID_NAME', `"${text}" is not a DNS-1123 subdomain`);
  }
}

function checkCniName(text: string): void {
  if (text.length > longestCniName || !isContainerId(text)) {
    throw new Problem('INVALID_NAME', `"${text}" is not a name as CNI allows it`);
  }
}

function checkDeviceName(text: string): void {
  const fault = faultOfIfname(text);
  if (fault !== undefined) {
    throw new Problem('INVALID_NAME', `the interface name "${text}" ${fault}`);
  }
}

function checkInterfaceMac(text: string): void {
  if (!Mac.parse(text).isUnicast) {
    throw new Problem('INVALID_MAC', `"${text}" is not a unicast address`);
  }
}

/**
 * The string formats of our schemas, by name: each check throws the Problem that says what is wrong with the
 * text. Validation of requests and the OpenAPI document use the names; nothing parses an address twice over.
 */
export const formats = {
  ip: (text: string) => void Ip.parse(text),
  cidr: (text: string) => void Prefix.parseNetwork(text),
  'ip-with-prefix': (text: string) => void Prefix.parse(text),
  'ip-range': (text: string) => void Range.parse(text),
  'time-span': checkTimeSpan,
  mac: checkInterfaceMac,
  'seen-mac': (text: string) => void Mac.parse(text),
  'mac-prefix': (text: string) => void checkMacPrefix(text),
  'dns-1123-subdomain': checkObjectName,
  'cni-name': checkCniName,
  'device-name': checkDeviceName,
} as const satisfies Record<string, (text: string) => void>;

export type FormatName = keyof typeof formats;

/** Reports whether a text is of a format, as schema validators ask. */
export function matches(format: FormatName, text: string): boolean {
  return whyNot(format, text) === null;
}

/** Why a text is not of a format, or null when it is. */
export function whyNot(format: FormatName, text: string): Problem | null {
  try {
    formats[format](text);
    return null;
  } catch (error) {
    if (error instanceof Problem) {
      return error;
    }
    throw error;
  }
}
