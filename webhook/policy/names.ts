/** Labels, annotations and resources that realip reads and writes on Kubernetes objects. */
export const zoneKey = 'realip.io/zone';
export const injectKey = 'realip.io/inject';
export const placedByKey = 'realip.io/placed-by';
export const ipResource = 'realip.io/ip';

/** The namespace of realip's own parts: never intercepted, so that realip can always be repaired. */
export const ownNamespace = 'realip-system';

/** The zone that means "leave the pod alone". */
export const noZone = 'none';
