import { operationIdOf } from './operation-id.ts';

test.each([
  ['GET', '/v1/zones', true, 'listZones'],
  ['PUT', '/v1/zones/{zone}', false, 'putZone'],
  ['DELETE', '/v1/zones/{zone}', false, 'deleteZone'],
  ['GET', '/v1/subnets/{subnet}/usage', false, 'getSubnetUsage'],
  ['GET', '/v1/addresses/{ip}', false, 'getAddress'],
  ['POST', '/v1/addresses/{ip}:conflict', false, 'conflictAddress'],
  ['POST', '/v1/allocations', false, 'makeAllocation'],
  ['POST', '/v1/allocations:batch', false, 'batchAllocations'],
  ['DELETE', '/v1/allocations/{network}/{containerId}/{ifname}', false, 'deleteAllocation'],
  ['PUT', '/v1/nodes/{node}/reserve', false, 'putNodeReserve'],
  ['POST', '/v1/epoch:waive', false, 'waiveEpoch'],
  ['GET', '/openapi.json', false, 'getOpenapiJson'],
  ['GET', '/', false, 'getPage'],
])('%s %s (a list: %s) is called %s', (method, path, isList, id) => {
  expect(operationIdOf(method, path, isList)).toBe(id);
});
