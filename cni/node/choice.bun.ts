import type { HostAccess } from './access/host-access.bun.ts';
import { ShimAccess } from './access/shim.bun.ts';
import { VethAccess } from './access/veth.bun.ts';
import type { Dataplane } from './dataplane.bun.ts';
import { MacvlanPlane } from './macvlan/macvlan.bun.ts';
import type { HostSide, Sketch } from './plan.ts';
import { PtpPlane } from './ptp/ptp.bun.ts';
import { PtpAccess } from './ptp/ptp-access.bun.ts';

/** The data plane that a sketch asks for. */
export function dataplaneOf({ dataplane }: Sketch): Dataplane {
  return dataplane.kind === 'ptp' ? new PtpPlane() : new MacvlanPlane(dataplane);
}

/** The host's way to a pod that a plan asks for. */
export function hostAccessOf(side: HostSide): HostAccess {
  switch (side.by) {
    case 'shim':
      return new ShimAccess(side);
    case 'veth':
      return new VethAccess(side);
    case 'ptp':
      return new PtpAccess(side);
  }
}
