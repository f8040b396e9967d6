import type { Prefix } from '../../core/address/prefix.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Doors } from './doors.ts';
import type { Attachment } from './ipam/ipam.ts';

/** Holds addresses against the ledger. One that is away says nothing about this pod, and is no fault of its network. */
export async function checkLedger(
  attachment: Attachment,
  ips: readonly Prefix[],
  { ipam, warn }: Pick<Doors, 'ipam' | 'warn'>,
): Promise<void> {
  try {
    await ipam.check(attachment, ips);
  } catch (error) {
    if (!(error instanceof Problem && error.kind.cni === 11)) {
      throw error;
    }
    warn(error.message);
  }
}
