import type { Config } from './config.ts';
import type { Call } from './environment.ts';
import type { Attachment } from './ipam/ipam.ts';

/** What the ledger knows the attachment of a call by. */
export function attachmentOf({ containerId, ifname }: Call, { name }: Pick<Config, 'name'>): Attachment {
  return { network: name, containerId, ifname };
}
