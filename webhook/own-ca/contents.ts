/** A certificate that API servers are told to trust. Times are milliseconds since 1970. */
export interface Authority {
  /** SHA-256 of the certificate. */
  readonly id: string;
  readonly pem: string;
  readonly from: number;
  readonly until: number;
}

/** A serving certificate with its key, both PEM. */
export interface Serving {
  readonly id: string;
  /** The authority that signed it. */
  readonly issuer: string;
  readonly from: number;
  readonly until: number;
  /** Host names and addresses that it is good for. */
  readonly names: readonly string[];
  readonly cert: string;
  readonly key: string;
}

/** What the Secret holds: the truth that all replicas share. */
export interface Contents {
  /** The first signs; the others are still trusted, because something that they signed may still serve. */
  readonly trusted: readonly [Authority, ...Authority[]];
  /** The private key of the first, PEM. */
  readonly signingKey: string;
  readonly serving: Serving;
  /** Authorities that nobody uses any more: what a configuration still carries of them is taken out. */
  readonly retired: readonly string[];
}

/** The text that the configurations are to carry. */
export function bundleOf({ trusted }: Pick<Contents, 'trusted'>): string {
  return trusted.map(({ pem }) => pem).join('');
}
