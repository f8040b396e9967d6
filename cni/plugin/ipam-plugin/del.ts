import { reasonOf } from '../../../core/problem/problem.ts';
import { attachmentOf } from '../attachment.ts';
import { type Doors, drainJournal, releaseOrNote } from '../doors.ts';
import type { Call } from '../environment.ts';
import type { IpamPluginConfig } from './config.ts';

/**
 * DEL of an IPAM plugin: the addresses are released, or the release is written down. It succeeds whatever happens,
 * because the other plugin goes no further when it fails, and the pod would be stranded.
 */
export async function releaseAddresses(call: Call, config: IpamPluginConfig, doors: Doors): Promise<void> {
  await drainJournal(doors);
  try {
    await releaseOrNote(doors, attachmentOf(call, config));
  } catch (error) {
    doors.warn(`the address could not be released: ${reasonOf(error)}`);
  }
}
