import type { AllocationRequest } from '../../../schema/allocation.ts';

/** Who asks for an address, and by which sandbox. */
export type Asking = Pick<AllocationRequest, 'node' | 'containerId' | 'ifname' | 'pod'>;
