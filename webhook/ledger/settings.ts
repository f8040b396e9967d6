import { Problem } from '../../core/problem/problem.ts';
import type { LedgerSettings } from './ledger-client.ts';

/** What the flags say, each as it was given. */
export interface LedgerFlags {
  readonly ipamServer?: string;
  readonly ipamTokenFile?: string;
  readonly ipamCaFile?: string;
}

/** The ledger that `/validate` asks; null without `--ipam-server`. @throws Problem FLAG_INVALID */
export function ledgerSettings({
  ipamServer,
  ipamTokenFile,
  ipamCaFile,
}: LedgerFlags): LedgerSettings | null {
  if (ipamServer === undefined) {
    if (ipamTokenFile !== undefined || ipamCaFile !== undefined) {
      throw new Problem('FLAG_INVALID', '--ipam-token-file and --ipam-ca-file need --ipam-server');
    }
    return null;
  }
  return {
    urls: ipamServer.split(',').map(urlIn),
    tokenFile: ipamTokenFile ?? null,
    caFile: ipamCaFile ?? null,
  };
}

function urlIn(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new Problem(
      'FLAG_INVALID',
      `--ipam-server: "${text}" is no URL of a server, such as https://10.9.0.5:8443`,
    );
  }
  return url.href.replace(/\/+$/, '');
}
