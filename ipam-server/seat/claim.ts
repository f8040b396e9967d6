/** What a leader tells the other servers of itself, so that they can hand it the calls that reach them. */
export interface Claim {
  /** Where it answers, such as `https://10.9.0.13:8443`. */
  readonly url: string;
  /** SHA-256 of its certificate, as `A1:B2:…`; null without TLS. */
  readonly fingerprint: string | null;
  /** By which it knows what another server has handed on; new at each start. */
  readonly secret: string;
}

/** The claim as it stands in etcd. */
export function claimText({ url, fingerprint, secret }: Claim): string {
  return JSON.stringify({ url, fingerprint, secret });
}

/** Null for what is none: a newer server's, or no server's. */
export function parseClaim(text: string): Claim | null {
  try {
    const { url, fingerprint, secret } = JSON.parse(text);
    const isClaim =
      URL.canParse(url) &&
      typeof secret === 'string' &&
      (fingerprint === null || typeof fingerprint === 'string');
    return isClaim ? { url, fingerprint, secret } : null;
  } catch {
    return null;
  }
}
