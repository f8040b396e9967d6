import { longestDnsLabel } from './label-syntax.ts';

/** Whether any namespace can fit the pattern: namespaces are RFC 1123 labels. */
export function fitsSomeNamespace(pattern: string): boolean {
  const literal = pattern.replaceAll('*', '');
  return (
    literal.length <= longestDnsLabel && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(pattern.replaceAll('*', 'a'))
  );
}

/** Why no namespace can fit the pattern, or null where one can. */
export function whyNoNamespace(pattern: string): string | null {
  if (fitsSomeNamespace(pattern)) {
    return null;
  }
  const small = pattern.toLowerCase();
  // What people take for wildcards; regular expressions among them.
  if (/[?[\]{}()^$+|\\]|\.\*/.test(pattern)) {
    return '"*" is the only wildcard';
  }
  if (small !== pattern) {
    const hint = fitsSomeNamespace(small) ? `; did you mean "${small}"?` : '';
    return `names of namespaces have no capital letters${hint}`;
  }
  return pattern.replaceAll('*', '').length > longestDnsLabel
    ? `names of namespaces have at most ${longestDnsLabel} characters`
    : 'names of namespaces have small letters, digits and "-", with a letter or digit at both ends';
}
