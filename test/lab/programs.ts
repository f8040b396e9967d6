import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// The lab runs as dist/lab.js, beside the programs that it shows.
const dist = dirname(fileURLToPath(import.meta.url));

/** The built programs, absolute. */
export const programs = {
  folder: dist,
  plugin: join(dist, 'realip'),
  ipamServer: join(dist, 'ipam-server.js'),
  webhook: join(dist, 'webhook.js'),
  workload: join(dist, 'lab-workload.js'),
} as const;
