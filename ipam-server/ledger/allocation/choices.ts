import { type Family, Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { AllocationRequest } from '../../../schema/allocation.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Network } from '../state/network.ts';
import type { Choice } from './choice.ts';
import { chooseWanted, exhausted, nextOf, oldestOf } from './choose.ts';
import { namedSubnet } from './named-subnet.ts';
import { isEmpty, networksOf, type Offer, offerOf, only } from './offer.ts';
import { planOf } from './plan.ts';
import { chooseReserved } from './reserved.ts';

type Offers = Readonly<Record<Family, Offer>>;

const allFamilies: readonly Family[] = ['ipv4', 'ipv6'];

/**
 * The addresses that a request will get, one of each family, all or none, and all of one VLAN: a pod has one
 * interface. Where the request does not name the families, they are those for which the node has a range for the pod
 * or an address is reserved for it. What is wanted by name comes before what is reserved, and that before ranges.
 *
 * @throws Problem RANGE_EXHAUSTED, SUBNET_UNKNOWN, SUBNET_NOT_OF_NODE, ADDRESS_*, RESERVATION_*, INVALID_REQUEST
 */
export function choicesFor(ledger: Ledger, request: AllocationRequest, zone: string, now: number): Choice[] {
  const subnet =
    request.subnet === undefined ? undefined : namedSubnet(ledger, request.subnet, request.node, zone);
  const wanted = wantedOrReserved(ledger, request, zone, subnet, now);
  const decided = [...Array.from(wanted.values(), ({ network }) => network), ...(subnet ? [subnet] : [])];
  checkOneVlan(decided);
  const plan = planOf(ledger, request.node, zone);
  const offers = offersOf(
    { ipv4: offerOf(plan.ipv4, request.pod), ipv6: offerOf(plan.ipv6, request.pod) },
    subnet,
  );
  const onVlans = plan.vlans.size < 2 && decided.length === 0 ? [offers] : byVlan(offers, decided);
  const families = familiesOf(request, onVlans[0] ?? offers, wanted, subnet);
  // Rested addresses on any VLAN come before the ones at rest on the first.
  for (const mayRest of [false, true]) {
    for (const on of onVlans) {
      const choices = families.flatMap(
        (family) =>
          wanted.get(family) ?? nextOf(ledger, on[family], now) ?? ((mayRest && oldestOf(on[family])) || []),
      );
      if (choices.length === families.length && choices.length > 0) {
        return choices;
      }
    }
  }
  const asked = families.filter((family) => !wanted.has(family));
  const lacking = asked.find((family) => !(nextOf(ledger, offers[family], now) ?? oldestOf(offers[family])));
  if (lacking !== undefined || asked.length === 0) {
    throw exhausted(request.node, zone, lacking, lacking && offers[lacking], now);
  }
  const detail = `node ${request.node} has no VLAN with a free address of each of ${families.join(' and ')}`;
  throw new Problem('RANGE_EXHAUSTED', detail, { node: request.node });
}

/** What is wanted by name, and for the other families what is reserved. */
function wantedOrReserved(
  ledger: Ledger,
  request: AllocationRequest,
  zone: string,
  subnet: Network | undefined,
  now: number,
): Map<Family, Choice> {
  const ips = wantedOf(request, subnet);
  const families = request.families ?? (subnet ? [subnet.family] : allFamilies);
  const found = new Map<Family, Choice>();
  for (const family of new Set([...ips.keys(), ...families])) {
    const ip = ips.get(family);
    const within = subnet?.family === family ? subnet : undefined;
    const choice = ip
      ? chooseWanted(ledger, ip, request, zone, now)
      : chooseReserved(ledger, request, family, zone, within, now);
    if (choice !== undefined) {
      found.set(family, choice);
    }
  }
  return found;
}

/** The addresses that the request names; @throws Problem INVALID_REQUEST, ADDRESS_NOT_GIVEN */
function wantedOf(
  { addresses = [], families }: AllocationRequest,
  subnet: Network | undefined,
): Map<Family, Ip> {
  const wanted = new Map(addresses.map(Ip.parse).map((ip) => [ip.family, ip]));
  if (wanted.size < addresses.length) {
    throw new Problem('INVALID_REQUEST', 'addresses: at most one of a family', { field: 'addresses' });
  }
  for (const [family, ip] of wanted) {
    if (families !== undefined && !families.includes(family)) {
      const detail = `addresses: ${ip} is not of the families asked for`;
      throw new Problem('INVALID_REQUEST', detail, { field: 'addresses' });
    }
    if (subnet?.family === family && !subnet.prefix.contains(ip)) {
      throw new Problem('ADDRESS_NOT_GIVEN', `${ip} is not in subnet ${subnet.name}`, { address: `${ip}` });
    }
  }
  return wanted;
}

/** The offers, without the other subnets of the family of the one that is asked for. */
function offersOf(offers: Offers, subnet: Network | undefined): Offers {
  return subnet === undefined
    ? offers
    : { ...offers, [subnet.family]: only(offers[subnet.family], (network) => network === subnet) };
}

/** @throws Problem ADDRESS_NOT_GIVEN when what is wanted would put one interface on two VLANs */
function checkOneVlan(decided: readonly Network[]): void {
  const [first, other] = [decided[0], decided.find((network) => vlanOf(network) !== vlanOf(decided[0]))];
  if (first !== undefined && other !== undefined) {
    const name = (network: Network) => `subnet ${network.name} (${wordsOf(vlanOf(network))})`;
    const detail = `a pod has one interface, and ${name(first)} and ${name(other)} are not of one VLAN`;
    throw new Problem('ADDRESS_NOT_GIVEN', detail);
  }
}

/**
 * The offers of each VLAN; only one where something wanted has decided it. Those with ranges that match the pod come
 * first, then those that offer more families, then in the order of their first ranges.
 */
function byVlan({ ipv4, ipv6 }: Offers, decided: readonly Network[]): Offers[] {
  const networks = decided.length > 0 ? decided : [...networksOf(ipv4), ...networksOf(ipv6)];
  return [...new Set(networks.map(vlanOf))]
    .map((vlan) => {
      const isOn = (network: Network) => vlanOf(network) === vlan;
      return { ipv4: only(ipv4, isOn), ipv6: only(ipv6, isOn) };
    })
    .sort((a, b) => weightOf(b) - weightOf(a));
}

function weightOf(offers: Offers): number {
  const [families, isMatched] = [
    allFamilies.filter((family) => !isEmpty(offers[family])),
    allFamilies.some((family) => offers[family].sources[0]?.pool.spec.match !== undefined),
  ];
  return families.length + (isMatched ? allFamilies.length : 0);
}

const vlanOf = (network: Network | undefined) => network?.spec.vlan;
const wordsOf = (vlan: number | undefined) => (vlan === undefined ? 'untagged' : `VLAN ${vlan}`);

/** Every family for which something is offered or wanted; with a subnet named, only that one's. */
function familiesOf(
  { families }: AllocationRequest,
  offers: Offers,
  wanted: ReadonlyMap<Family, Choice>,
  subnet: Network | undefined,
): readonly Family[] {
  return (
    families ??
    allFamilies.filter((family) => {
      const isOffered = subnet === undefined ? !isEmpty(offers[family]) : subnet.family === family;
      return isOffered || wanted.has(family);
    })
  );
}
