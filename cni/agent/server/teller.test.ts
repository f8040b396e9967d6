import type { Batch, BatchAnswer } from '../../../schema/batch.ts';
import type { Release } from '../../journal/record.ts';
import { attachment, Trial } from '../state/testing/trial.ts';
import { Teller } from './teller.ts';

let trial: Trial;
let journal: Release[];
let batches: Batch[];
let refusal: string | undefined;
let isWritten: boolean;
let teller: Teller;
let generation: number;
/** What was said, in order; and how often the journal was read. */
let said: string[];
let readings: number;

beforeEach(() => {
  trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  journal = [];
  batches = [];
  refusal = undefined;
  isWritten = false;
  generation = 0;
  said = [];
  readings = 0;
  teller = new Teller({
    state: trial.state,
    server: { batch },
    journal: {
      read: async () => {
        readings += 1;
        return { releases: [...journal], damaged: 0 };
      },
      remove: async (told) => {
        journal = journal.filter((each) => !told.includes(each));
      },
    },
    conflicts: {
      tell: async () => {
        said.push('conflicts');
      },
    },
    secure: async () => {
      isWritten = true;
    },
    log: { warn: () => undefined, error: () => undefined } as never,
    now: () => trial.now,
  });
});

async function batch({ allocate = [], release = [] }: Batch): Promise<BatchAnswer> {
  expect(isWritten).toBe(true);
  batches.push({ allocate, release });
  said.push('batch');
  const no = { type: '', title: '', status: 503, detail: 'not now', code: refusal ?? '' };
  return {
    released: release.map(({ generation: _, ...key }) =>
      refusal === undefined ? { ...key, addresses: [] } : no,
    ),
    allocated: allocate.map(({ addresses = [], mac = '0a:58:0a:09:00:07' }) => {
      generation += 1;
      const ips = addresses.map((address) => ({ address: `${address}/24`, subnet: 'lan' }));
      return refusal === undefined ? { id: 'x', generation, mac, ips, routes: [], dns: {} } : no;
    }),
  };
}

async function tellAll(): Promise<void> {
  while (await teller.tell()) {}
}

test('what began and ended unheard is recorded, then released by the generation that it got', async () => {
  trial.given(1);
  trial.end(1);
  journal.push(attachment(1));
  await tellAll();
  expect(batches.map(({ allocate, release }) => [allocate?.length, release])).toEqual([
    [1, []],
    [0, [{ ...attachment(1), generation: 1 }]],
  ]);
  expect(journal).toEqual([]);
  expect(trial.state.status()).toMatchObject({ attachments: 0, untold: 0 });
});

test('conflicts are told before ends that the journal holds, by one reading of it a step', async () => {
  journal.push(attachment(1));
  await teller.tell();
  expect(said).toEqual(['conflicts', 'batch']);
  expect(readings).toBe(1);
});

test('what a plugin wrote down while no agent answered ends here, and is told', async () => {
  trial.given(1);
  journal.push(attachment(1), { ...attachment(9), generation: 4 });
  await tellAll();
  expect(batches.flatMap(({ release }) => release)).toEqual([
    { ...attachment(9), generation: 4 },
    { ...attachment(1), generation: 1 },
  ]);
  expect(journal).toEqual([]);
});

test('items that the server can’t take now stay, and it is not pressed', async () => {
  trial.given(1);
  refusal = 'EPOCH_PENDING';
  expect(await teller.tell()).toBe(false);
  expect(trial.state.status().untold).toBe(1);
  refusal = undefined;
  await tellAll();
  expect(trial.state.status().untold).toBe(0);
});

test('a line of the journal ends nobody who came back under the same name', async () => {
  trial.given(1);
  trial.end(1);
  journal.push({ ...attachment(1), serial: trial.state.serial });
  refusal = 'EPOCH_PENDING';
  await teller.tell();
  trial.given(1);
  await teller.tell();
  refusal = undefined;
  await tellAll();
  expect(trial.state.status()).toMatchObject({ attachments: 1, untold: 0 });
});
