import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';

/** The head of /openapi.json; paths and schemas come from the routes. */
export const description: FastifyDynamicSwaggerOptions = {
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'realip IPAM server',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'The ledger of real addresses: zones, subnets, ranges, nodes and allocations. Every write is durable ' +
        'before it is answered; errors are application/problem+json with a stable code.',
    },
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
    security: [{ bearer: [] }],
    tags: [
      { name: 'zones' },
      { name: 'subnets' },
      { name: 'ranges' },
      { name: 'nodes' },
      { name: 'reservations' },
      { name: 'allocations' },
      { name: 'addresses' },
      { name: 'events' },
      { name: 'probes' },
      { name: 'pages' },
    ],
  },
};
