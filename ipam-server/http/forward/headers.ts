/** What holds for one connection only (RFC 9110 §7.6.1); the host is each one's own. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The headers that travel from one end to the other. */
export function endToEnd(headers: Headers): Record<string, string | string[]> {
  const named = [headers['connection'] ?? ''].flat().join(',').toLowerCase().split(',');
  const hops = new Set(named.map((name) => name.trim()));
  return Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !ofConnection.has(entry[0]) && !hops.has(entry[0]),
    ),
  );
}
