/** The head of /openapi.json; paths and schemas come from the routes. */
export const head = {
  openapi: '3.1.0',
  info: {
    title: 'realip IPAM server',
    version: '1',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    description:
      'The ledger of real addresses: zones, subnets, ranges, nodes and allocations. Every write is durable ' +
      'before it is answered; errors are application/problem+json with a stable code, each explained in ' +
      'docs/errors.md. Before any call, 400 INVALID_REQUEST, 408 REQUEST_TIMEOUT and 431 HEADERS_TOO_LARGE ' +
      'answer what is not HTTP, 404 ROUTE_UNKNOWN and 405 METHOD_NOT_ALLOWED a path or method that is none. ' +
      'Every answer carries `X-Request-Id`: the one sent, or a new one.',
  },
  servers: [{ url: '/' }],
  components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } } },
  security: [{ bearer: [] }],
  tags: [
    { name: 'zones', description: 'Parts of the cluster whose pods share a kind of network.' },
    { name: 'subnets', description: 'Networks of the company.' },
    { name: 'ranges', description: 'Which addresses of a subnet may be given, and by whom.' },
    { name: 'nodes', description: 'Machines that give addresses to their pods.' },
    { name: 'reservations', description: 'Fixed addresses: of pods, workloads, VMs and bare metal.' },
    { name: 'allocations', description: 'Addresses of living attachments.' },
    { name: 'addresses', description: 'Single addresses: their state, owner and conflicts.' },
    { name: 'events', description: 'What happened to addresses and objects, and who did it.' },
    { name: 'backup', description: 'Copies of the ledger.' },
    { name: 'probes', description: 'For load balancers and Kubernetes.' },
    { name: 'pages', description: 'For people and Prometheus.' },
  ],
} as const;
