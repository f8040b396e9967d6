import { Type } from 'typebox';

/** Texts that occur in several requests and answers; each format is checked by schema/format.ts. */

export const ObjectName = Type.String({
  format: 'dns-1123-subdomain',
  description: 'A DNS-1123 subdomain.',
  examples: ['office-lan'],
});

export const CniName = Type.String({
  format: 'cni-name',
  description: 'A network name or container id as CNI allows it.',
  examples: ['realip'],
});

export const DeviceName = Type.String({
  format: 'device-name',
  description: 'The interface’s name in the container, 1 to 15 octets.',
  examples: ['eth0'],
});

export const Address = Type.String({
  format: 'ip',
  description: 'An IP address without prefix length, in RFC 5952 form.',
  examples: ['10.9.1.7'],
});

export const Cidr = Type.String({
  format: 'cidr',
  description: 'A network: an IP prefix without host bits.',
  examples: ['10.9.0.0/16'],
});

export const MacAddress = Type.String({
  format: 'mac',
  description: 'A unicast MAC address.',
  examples: ['0a:58:0a:09:01:07'],
});

export const SeenMac = Type.String({
  format: 'seen-mac',
  description: 'A MAC address as it was seen on the wire, unicast or not.',
  examples: ['52:54:00:12:34:56'],
});

export const Family = Type.Enum(['ipv4', 'ipv6']);
