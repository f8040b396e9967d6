import type { Attachment } from './ipam/ipam.ts';

/** IFALIASZ of <linux/if.h> is 256, the closing zero included. */
const maxAlias = 255;

/**
 * The text that ADD writes beside a pod's interface (`ip link` shows it as `alias`): whose it is, and by which
 * allocation. So DEL takes no other attachment's interface, and knows the generation with the server away.
 */
export function aliasOf({ network, containerId, ifname: _ }: Attachment, generation: number): string {
  return `realip ${generation} ${containerId} ${network}`.slice(0, maxAlias);
}

/**
 * The text beside an interface that has no address yet: its allocation isn't certain before the network was asked. So
 * DEL knows it for its attachment's when ADD was killed meanwhile.
 */
export function draftAlias({ network, containerId }: Attachment): string {
  return `realip draft ${containerId} ${network}`.slice(0, maxAlias);
}

/** The generation in an alias, when it is this attachment's. */
export function generationIn(alias: string | undefined, attachment: Attachment): number | undefined {
  const text = /^realip (\d{1,16}) /.exec(alias ?? '')?.[1];
  const generation = Number(text);
  return text !== undefined && alias === aliasOf(attachment, generation) ? generation : undefined;
}

/** Whose an alias says that its interface is; without a generation that of an ADD which has not ended. */
export type AliasText = Omit<Attachment, 'ifname'> & { readonly generation?: number };

/** What an alias tells of itself; undefined for one that is nobody's here, or was cut and so might be another's. */
export function readAlias(alias: string): AliasText | undefined {
  const [, of, containerId, network] = /^realip (\d{1,16}|draft) (\S+) (\S+)$/.exec(alias) ?? [];
  if (containerId === undefined || network === undefined || alias.length >= maxAlias) {
    return undefined;
  }
  return { network, containerId, ...(of === 'draft' ? {} : { generation: Number(of) }) };
}
