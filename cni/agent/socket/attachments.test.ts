import { Problem } from '../../../core/problem/problem.ts';
import type { Allocation } from '../../../schema/allocation.ts';
import type { Release } from '../../journal/record.ts';
import { Refusal } from '../server/refusal.ts';
import { attachment, Trial } from '../state/testing/trial.ts';
import { Attachments } from './attachments.ts';

const given: Allocation = {
  id: 'x',
  generation: 7,
  mac: '0a:58:0a:09:00:63',
  ips: [{ address: '10.9.0.99/24', subnet: 'lan' }],
  routes: [],
  dns: {},
};
let trial: Trial;
let written: Release[];
let wanted: number;
let isUp: boolean;
let allocate: () => Promise<{ allocation: Allocation; created: boolean }>;
let heard: () => Promise<void>;
let attachments: Attachments;

beforeEach(() => {
  heard = async () => undefined;
  trial = new Trial();
  written = [];
  wanted = 0;
  isUp = true;
  allocate = async () => ({ allocation: given, created: true });
  attachments = new Attachments({
    state: trial.state,
    server: {
      allocate: () => allocate(),
      get isUp() {
        return isUp;
      },
    },
    writeDown: async (release) => void written.push(release),
    heard: () => heard(),
    wanted: () => {
      wanted += 1;
    },
    changed: () => undefined,
    now: () => trial.now,
  });
});

const client = new AbortController().signal;
const how = (more: { waitMs?: number; signal?: AbortSignal } = {}) => ({
  id: 'add-1',
  waitMs: 5_000,
  signal: client,
  ...more,
});

test('out of the reserve, probed, and the same again', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  const first = await attachments.add(trial.request(1), how());
  expect(first).toMatchObject({
    created: true,
    probed: true,
    allocation: { ips: [{ address: '10.9.0.7/24' }] },
  });
  expect(await attachments.add(trial.request(1), how())).toEqual({ ...first, created: false });
});

test('nothing ready: it waits, more is asked for, and who came first is served first', async () => {
  trial.grant({});
  const both = [1, 2].map((n) => attachments.add(trial.request(n), how()));
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(wanted).toBe(2);
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  attachments.serve();
  const addresses = (await Promise.all(both)).map(({ allocation }) => allocation.ips[0]?.address);
  expect(addresses).toEqual(['10.9.0.7/24', '10.9.0.8/24']);
  expect(attachments.counts).toMatchObject({ waiting: 0, taken: 2, waits: 2, empties: 0 });
});

test('nothing ready within the time: it is told, and nobody waits any more', async () => {
  trial.grant({});
  await expect(attachments.add(trial.request(1), how({ waitMs: 10 }))).rejects.toMatchObject({
    code: 'AGENT_RESERVE_EMPTY',
  });
  expect(attachments.counts).toMatchObject({ waiting: 0, empties: 1 });
});

test('nothing ready and the server away: it is told at once', async () => {
  trial.grant({});
  isUp = false;
  await expect(attachments.add(trial.request(1), how())).rejects.toMatchObject({
    code: 'AGENT_RESERVE_EMPTY',
  });
});

test('a pod that only the server can judge gets what the server gives, unprobed', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  const wish = trial.request(1, { addresses: ['10.9.0.99'] });
  expect(await attachments.add(wish, how())).toEqual({ allocation: given, created: true, probed: false });
});

test('with the server away such a pod gets nothing of the reserve', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  allocate = async () => {
    throw new Problem('AGENT_SERVER_AWAY', 'no IPAM server answers');
  };
  const wish = trial.request(1, { addresses: ['10.9.0.99'] });
  await expect(attachments.add(wish, how())).rejects.toMatchObject({
    code: 'AGENT_SERVER_AWAY',
    message: expect.stringContaining('it wants addresses by name'),
  });
});

test('the server’s refusal is passed on', async () => {
  const refusal = new Refusal(409, 'RANGE_EXHAUSTED', 'none is free', '{}');
  allocate = async () => {
    throw refusal;
  };
  await expect(attachments.add(trial.request(1, { addresses: ['10.9.0.99'] }), how())).rejects.toBe(refusal);
});

test('a DEL while its ADD waits ends the ADD, and is written down', async () => {
  trial.grant({});
  const waiting = attachments.add(trial.request(1), how());
  await new Promise((resolve) => setTimeout(resolve, 0));
  await attachments.remove(attachment(1), undefined);
  await expect(waiting).rejects.toMatchObject({ code: 'AGENT_ATTACHMENT_ENDED' });
  expect(written).toEqual([{ ...attachment(1), serial: 0 }]);
});

/** An ADD for which the server is asked, and meanwhile something is done. */
async function whileTheServerDecides(act: (caller: AbortController) => Promise<void>): Promise<unknown> {
  let answer = (_: { allocation: Allocation; created: boolean }): void => undefined;
  allocate = () => new Promise((resolve) => (answer = resolve));
  const caller = new AbortController();
  const request = trial.request(1, { addresses: ['10.9.0.99'] });
  const asked = attachments.add(request, how({ signal: caller.signal }));
  await new Promise((resolve) => setTimeout(resolve, 0));
  await act(caller);
  answer({ allocation: given, created: true });
  return asked;
}

test('when a DEL comes while the server decides, what it gives is taken back by its generation', async () => {
  const asked = whileTheServerDecides(() => attachments.remove(attachment(1), undefined));
  await expect(asked).rejects.toMatchObject({ code: 'AGENT_ATTACHMENT_ENDED' });
  expect(written.at(-1)).toMatchObject({ ...attachment(1), generation: 7 });
});

test('who hangs up while the server decides keeps what it gives: it may have been told the same by the server', async () => {
  const asked = whileTheServerDecides(async (caller) => caller.abort());
  await expect(asked).rejects.toMatchObject({ code: 'AGENT_ATTACHMENT_ENDED' });
  expect(written).toEqual([]);
  expect(trial.state.status().attachments).toBe(1);
});

test('an ADD after a DEL that the server hasn’t heard of waits until it has', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  await attachments.remove(attachment(1), 3);
  const asked = attachments.add(trial.request(1, { addresses: ['10.9.0.99'] }), how());
  const early = await Promise.race([asked, new Promise((resolve) => setTimeout(resolve, 50, 'waits'))]);
  expect(early).toBe('waits');
  trial.tell();
  expect(await asked).toMatchObject({ created: true });
});

test('the second stay under one name ends by its own DEL, also before the first one’s end is told', async () => {
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  for (let stay = 0; stay < 2; stay++) {
    await attachments.add(trial.request(1), how());
    await attachments.remove(attachment(1), undefined);
  }
  expect(trial.state.status().attachments).toBe(0);
});

test('a caller that hung up before its turn takes nothing', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  const asked = attachments.add(trial.request(1), how({ signal: AbortSignal.abort() }));
  await expect(asked).rejects.toMatchObject({ code: 'AGENT_ATTACHMENT_ENDED' });
  expect(trial.state.status()).toMatchObject({ attachments: 0, reserve: [{ address: '10.9.0.7' }] });
});

test('when it stops, who waits is told', async () => {
  trial.grant({});
  const waiting = attachments.add(trial.request(1), how());
  await new Promise((resolve) => setTimeout(resolve, 0));
  attachments.stop();
  await expect(waiting).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('when it stops, who has yet to hear of reservations is told, and who comes later, too', async () => {
  trial.grant({});
  heard = () => new Promise(() => undefined);
  const hearing = attachments.add(trial.request(1), how());
  attachments.stop();
  await expect(hearing).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
  await expect(attachments.add(trial.request(2), how())).rejects.toMatchObject({ code: 'SHUTTING_DOWN' });
});

test('what an ADD waited to hear of reservations is part of the time that its caller has', async () => {
  trial.grant({});
  const waitMs = 600_000;
  heard = async () => {
    trial.now += waitMs;
  };
  await expect(attachments.add(trial.request(1), how({ waitMs }))).rejects.toMatchObject({
    code: 'AGENT_RESERVE_EMPTY',
    message: `no probed address became ready within ${waitMs} ms`,
  });
}, 60_000);

test('a DEL that comes while an ADD has yet to hear of reservations ends it: nothing is taken for it', async () => {
  trial.stock({ '10.9.0.7': 'lan' });
  let hear = () => {};
  heard = () =>
    new Promise((resolve) => {
      hear = resolve;
    });
  const added = attachments.add(trial.request(1), how());
  await attachments.remove(attachment(1), undefined);
  hear();
  await expect(added).rejects.toMatchObject({ code: 'AGENT_ATTACHMENT_ENDED' });
  expect(trial.state.status().attachments).toBe(0);
});
