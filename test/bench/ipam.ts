import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { etcd } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { allocation, batchOf, put, transactionOf } from './bodies.ts';
import { httpLoad, type Load } from './load.ts';
import { type RunningServer, startServer, stop } from './server.ts';
import { type Comparison, median } from './statistics.ts';
import type { Figure } from './table.ts';

const clients = 64;
/** Items of a batch. */
const batchSize = 100;

async function startEtcd(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const [client, peer] = ['http://127.0.0.1:12379', 'http://127.0.0.1:12380'];
  const args = [
    '--data-dir',
    join(folder, 'etcd'),
    '--log-level',
    'error',
    '--quota-backend-bytes',
    '8589934592',
  ];
  const urls = [
    '--listen-client-urls',
    client,
    '--advertise-client-urls',
    client,
    '--listen-peer-urls',
    peer,
  ];
  const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`];
  const child = spawn(join(goPart(etcd), 'etcd'), [...args, ...urls, ...cluster], { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries++) {
    const healthy = await fetch(`${client}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (healthy) {
      return { url: `${client}/v3/kv`, stop: () => stop(child) };
    }
    await sleep(100);
  }
  await stop(child);
  throw new Error('etcd did not become healthy within 10 s');
}

async function withServer<T>(
  dist: string,
  program: string | undefined,
  act: (server: RunningServer) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const server = await startServer(dist, folder, program === undefined ? {} : { program });
  try {
    await server.declare('10.0.0.0/8', '10.0.0.1', ['10.0.0.2', '10.200.0.0']);
    return await act(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Durable single allocations against durable puts through etcd's JSON gateway, in turn. */
export async function benchIpam(dist: string, rounds: number, seconds: number): Promise<Comparison[]> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const peer = await startEtcd(folder);
  try {
    return await withServer(dist, undefined, async ({ url }) => {
      const shape = { clients, seconds };
      const ours: Load[] = [];
      const theirs: Load[] = [];
      const ourBatches: Load[] = [];
      const theirBatches: Load[] = [];
      await httpLoad(`${url}/v1/allocations`, allocation, { clients, seconds: 2 });
      await httpLoad(`${peer.url}/put`, put, { clients, seconds: 2 });
      for (let round = 0; round < rounds; round++) {
        ours.push(await httpLoad(`${url}/v1/allocations`, allocation, shape));
        theirs.push(await httpLoad(`${peer.url}/put`, put, shape));
        ourBatches.push(await httpLoad(`${url}/v1/allocations:batch`, batchOf(batchSize), shape));
        theirBatches.push(await httpLoad(`${peer.url}/txn`, transactionOf(batchSize), shape));
      }
      const common = {
        conditions: `${clients} keep-alive clients, HTTP, durable on this machine’s disk`,
        peer: `etcd ${etcd.version}, puts through its JSON gateway`,
      };
      const rates = (loads: readonly Load[]) => loads.map(({ perSecond }) => perSecond);
      const itemRates = (loads: readonly Load[]) => loads.map(({ perSecond }) => perSecond * batchSize);
      const tails = (loads: readonly Load[]) => loads.map(({ p99 }) => p99);
      return [
        {
          ...common,
          name: 'allocations',
          unit: 'per second',
          ours: rates(ours),
          theirs: rates(theirs),
          target: 1.5,
        },
        { ...common, name: 'p99 of an allocation', unit: 'ms', ours: tails(ours), theirs: tails(theirs) },
        {
          ...common,
          name: `allocations in batches of ${batchSize}`,
          unit: 'per second',
          ours: itemRates(ourBatches),
          theirs: rates(theirs),
          target: 3,
        },
        {
          ...common,
          name: `allocations in batches of ${batchSize}`,
          peer: `etcd ${etcd.version}, transactions of as many puts through its JSON gateway`,
          unit: 'per second',
          ours: itemRates(ourBatches),
          theirs: itemRates(theirBatches),
        },
      ];
    });
  } finally {
    await peer.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same load on a store whose every commit takes 5 ms longer: fsync is nearly free on this machine. */
export function benchSlowStore(dist: string, rounds: number, seconds: number): Promise<Figure[]> {
  return withServer(dist, join(dist, 'slow-ipam-server.js'), async ({ url }) => {
    const loads: Load[] = [];
    for (let round = 0; round < rounds; round++) {
      loads.push(await httpLoad(`${url}/v1/allocations`, allocation, { clients, seconds }));
    }
    const conditions = `${clients} keep-alive clients, HTTP, each commit delayed by 5 ms`;
    const rate = median(loads.map(({ perSecond }) => perSecond));
    const p99 = median(loads.map((each) => each.p99));
    return [
      { name: 'allocations', conditions, value: `${Math.round(rate)}/s` },
      { name: 'p99 of an allocation', conditions, value: `${p99.toFixed(1)} ms` },
    ];
  });
}
