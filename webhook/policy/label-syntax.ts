const name = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
/** Characters of one part of a DNS name. */
export const longestDnsLabel = 63;
const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** RFC 1123 subdomain, as Kubernetes takes it: at most 253 characters. */
export function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((part) => dnsLabel.test(part));
}

/** One part of such a name: at most 63 lower-case letters, digits and `-`. */
export function isDnsLabel(text: string): boolean {
  return dnsLabel.test(text);
}

/** A qualified name: an optional DNS prefix, a slash, and a name of at most 63 characters. */
export function isLabelKey(text: string): boolean {
  const [first = '', second, ...rest] = text.split('/');
  if (rest.length > 0) {
    return false;
  }
  return second === undefined ? name.test(first) : isSubdomain(first) && name.test(second);
}

/** Empty, or at most 63 letters, digits, `-`, `_`, `.`, with a letter or digit at both ends. */
export function isLabelValue(text: string): boolean {
  return text === '' || name.test(text);
}
