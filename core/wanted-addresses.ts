import { Ip } from './address/ip.ts';

/** The annotation by which a pod asks for fixed addresses. */
export const addressesKey = 'realip.io/addresses';

/**
 * Fixed addresses as people write them: at most one a family, separated by a comma alone, strictly spelled, without
 * prefix length.
 *
 * @throws Error that names the one that is bad
 * @example parseWantedAddresses('10.9.1.7,fd00::7')
 */
export function parseWantedAddresses(text: string): Ip[] {
  const addresses: Ip[] = [];
  for (const part of text.split(',')) {
    const address = Ip.parse(part);
    const other = addresses.find(({ family }) => family === address.family);
    if (other !== undefined) {
      const family = address.family === 'ipv4' ? 'IPv4' : 'IPv6';
      throw new Error(`"${part}" is a second ${family} address beside "${other}"`);
    }
    addresses.push(address);
  }
  return addresses;
}
