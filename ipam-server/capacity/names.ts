/** What is written on Kubernetes' nodes. */
export const ipResource = 'realip.io/ip';
export const zoneLabel = 'realip.io/zone';
export const zoneTypeKey = 'realip.io/zone-type';

/** The annotation by which the server knows, also after a restart, what it has written and may take away. */
export const managedByKey = 'realip.io/managed-by';
export const manager = 'realip-ipam-server';
