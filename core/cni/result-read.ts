import { Ip } from '../address/ip.ts';
import { Prefix } from '../address/prefix.ts';
import { Fields, type OnFault } from './fields.ts';
import { present } from './present.ts';
import type { CniAddress, CniDns, CniInterface, CniResult, CniRoute } from './result.ts';
import { atLeast, type CniVersion, isCniVersion } from './version.ts';

const highest32 = 0xffff_ffff;

/**
 * A result written by any version of the specification, in the newest shape.
 *
 * @param value the `prevResult` of a configuration
 * @param version what it is read as when it names no version itself
 */
export function readResult(value: unknown, version: CniVersion, onFault: OnFault): CniResult {
  return readNamed('prevResult', value, version, onFault);
}

/**
 * The result of an IPAM plugin, which makes no interfaces; one that numbers them all the same is forgiven.
 *
 * @param version what it is read as when it names no version itself
 */
export function readIpamResult(value: unknown, version: CniVersion, onFault: OnFault): CniResult {
  const { ips, ...result } = readNamed('result', value, version, onFault, highest32);
  return { ...result, interfaces: [], ips: ips.map(({ interface: _, ...ip }) => ip) };
}

function readNamed(
  name: string,
  value: unknown,
  version: CniVersion,
  onFault: OnFault,
  mostInterfaces = 0,
): CniResult {
  const fields = new Fields(value, onFault, `${name}.`);
  const own = fields.text('cniVersion') ?? version;
  if (!isCniVersion(own)) {
    onFault(`${name}.cniVersion "${own}" is no version of CNI that is spoken here`, `${name}.cniVersion`);
  }
  const dns = readDns(fields.object('dns'));
  if (isCniVersion(own) && !atLeast(own, '0.3.0')) {
    return readAncient(fields, dns);
  }
  const interfaces = fields.objects('interfaces').map(readInterface);
  return {
    interfaces,
    ips: fields
      .objects('ips')
      .flatMap((each) => readAddress(each, Math.max(interfaces.length, mostInterfaces))),
    routes: fields.objects('routes').flatMap(readRoute),
    dns,
  };
}

function readInterface(fields: Fields): CniInterface {
  return {
    name: fields.text('name') ?? '',
    mac: fields.text('mac') ?? '',
    ...present({
      mtu: fields.integer('mtu', 0, highest32),
      sandbox: fields.text('sandbox'),
      socketPath: fields.text('socketPath'),
      pciID: fields.text('pciID'),
    }),
  };
}

/** Checks that it is a prefix; the text stays as it was written. */
function prefixText(text: string): string {
  Prefix.parse(text);
  return text;
}

/** Checks that it is an address; '' is as good as none. */
function ipText(text: string): string {
  if (text !== '') {
    Ip.parse(text);
  }
  return text;
}

function readAddress(fields: Fields, interfaces: number): CniAddress[] {
  const address = fields.parsed('address', prefixText);
  if (address === undefined) {
    return [];
  }
  const index =
    fields.raw('interface') === undefined ? undefined : fields.integer('interface', 0, interfaces - 1);
  return [{ address, ...present({ gateway: fields.parsed('gateway', ipText), interface: index }) }];
}

function readRoute(fields: Fields): CniRoute[] {
  const dst = fields.parsed('dst', prefixText);
  if (dst === undefined) {
    return [];
  }
  const number = (key: string) => fields.integer(key, 0, highest32);
  return [
    {
      dst,
      ...present({
        gw: fields.parsed('gw', ipText),
        mtu: number('mtu'),
        advmss: number('advmss'),
        priority: number('priority'),
        table: number('table'),
        scope: number('scope'),
      }),
    },
  ];
}

/** Also the `dns` of a configuration. */
export function readDns(fields: Fields): CniDns {
  const listed = (key: string) => (fields.raw(key) === undefined ? undefined : fields.texts(key));
  return present({
    nameservers: listed('nameservers'),
    domain: fields.text('domain'),
    search: listed('search'),
    options: listed('options'),
  });
}

/** 0.1.0 and 0.2.0: one address a family, each with its own routes, no interfaces. */
function readAncient(fields: Fields, dns: CniDns): CniResult {
  const families = ['ip4', 'ip6']
    .filter((key) => fields.raw(key) !== undefined)
    .map((key) => fields.object(key));
  return {
    interfaces: [],
    ips: families.flatMap((family) => {
      const address = family.parsed('ip', prefixText);
      return address === undefined
        ? []
        : [{ address, ...present({ gateway: family.parsed('gateway', ipText) }) }];
    }),
    routes: families.flatMap((family) => family.objects('routes').flatMap(readRoute)),
    dns,
  };
}
