import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import type { EtcdPlace } from './endpoint.ts';

/** A name that members reached by their IP are asked for: TLS has names only, and none is needed. */
const nameless = 'etcd';

/** How a member is spoken to, with or without TLS. */
export function channelTo(
  url: URL,
  { tls }: EtcdPlace,
): { readonly credentials: ChannelCredentials; readonly options: ChannelOptions } {
  if (tls === null) {
    return { credentials: credentials.createInsecure(), options: {} };
  }
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) === 0) {
    return { credentials: credentials.createSsl(tls.ca, tls.key, tls.cert), options: {} };
  }
  const verify = {
    // The certificate must be the IP's all the same.
    checkServerIdentity: (_: string, certificate: PeerCertificate) => checkServerIdentity(host, certificate),
  };
  return {
    credentials: credentials.createSsl(tls.ca, tls.key, tls.cert, verify),
    options: { 'grpc.ssl_target_name_override': nameless },
  };
}
