import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import fastify from 'fastify';
import { openLog } from '../../../service/log.ts';
import { Keeper } from '../../store/keeper.ts';
import { MemoryStore } from '../../store/memory.ts';
import { errorHandler } from '../errors.ts';
import { ExhaustionLog } from '../exhaustion-log.ts';
import { probeRoutes } from './probes.ts';

test('/readyz says what is not ready as every other error is told, while /healthz stays well', async () => {
  let stopping = false;
  const keeper = await Keeper.start(new MemoryStore(), {
    now: Date.now,
    id: () => 'id',
    onCommit: () => {},
    onEvents: () => {},
    onStoreError: () => {},
  });
  const app = fastify().withTypeProvider<TypeBoxTypeProvider>();
  const log = openLog('error');
  app.setErrorHandler(errorHandler(log, new ExhaustionLog(log)));
  probeRoutes(app, { keeper, seat: null, isStopping: () => stopping });
  expect((await app.inject('/readyz')).json()).toEqual({ ready: true });
  stopping = true;
  const answer = await app.inject('/readyz');
  expect(answer.statusCode).toBe(503);
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(answer.json()).toMatchObject({
    code: 'SHUTTING_DOWN',
    ready: false,
    notReady: [{ part: 'server', why: 'it is stopping' }],
  });
  expect((await app.inject('/healthz')).statusCode).toBe(200);
});
