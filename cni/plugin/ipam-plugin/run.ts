import type { Fields } from '../../../core/cni/fields.ts';
import { printResult } from '../../../core/cni/result-print.ts';
import { deliver, warnOfUnknown } from '../delivery.ts';
import type { Doors } from '../doors.ts';
import type { Call } from '../environment.ts';
import { addAddresses } from './add.ts';
import { checkAddresses } from './check.ts';
import { type IpamPluginConfig, unknownIpamKeys } from './config.ts';
import { releaseAddresses } from './del.ts';
import { collectAddresses } from './gc.ts';
import { judgeReadiness } from './status.ts';

/** A command to an IPAM plugin; loaded only when it is one, so that pods of our own don't wait for it. */
export async function runIpam(call: Call, conf: Fields, config: IpamPluginConfig, doors: Doors) {
  switch (call.command) {
    case 'ADD':
      warnOfUnknown(unknownIpamKeys(conf));
      return deliver(printResult(await addAddresses(call, config, doors), config.cniVersion), () =>
        releaseAddresses(call, config, doors),
      );
    case 'CHECK':
      return checkAddresses(call, config, doors);
    case 'DEL':
      return releaseAddresses(call, config, doors);
    case 'STATUS':
      return judgeReadiness(config, doors);
    case 'GC':
      return collectAddresses(conf, config, doors);
    default:
      return undefined;
  }
}
