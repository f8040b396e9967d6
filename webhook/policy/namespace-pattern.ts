import { longestDnsLabel } from './label-syntax.ts';

/** Whether any namespace can fit the pattern: namespaces are RFC 1123 labels. */
export function fitsSomeNamespace(pattern: string): boolean {
  const literal = pattern.replaceAll('*', '');
  return (
    literal.length <= longestDnsLabel && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(pattern.replaceAll('*', 'a'))
  );
}
