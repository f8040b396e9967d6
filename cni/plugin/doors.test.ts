import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../../core/problem/problem.ts';
import { Journal } from '../journal/journal.ts';
import { type Doors, drainJournal, releaseOrNote } from './doors.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-doors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const release = (containerId: string) => ({ network: 'real', containerId, ifname: 'eth0' });

/** A journal in which two releases wait, and a ledger that answers each by its container's id. */
function waiting(answers: Readonly<Record<string, Problem | undefined>>) {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const path = mkdtempSync(join(folder, 'x-'));
  const journal = new Journal(path, () => ({ descriptor: 0, unlock: () => undefined }), sizeOf);
  journal.append(release('c1'));
  journal.append(release('c2'));
  const asked: string[] = [];
  const ipam = {
    release: async ({ containerId }: { containerId: string }) => {
      asked.push(containerId);
      const problem = answers[containerId];
      if (problem !== undefined) {
        throw problem;
      }
    },
  };
  return { doors: { journal, ipam, warn: () => undefined } as unknown as Doors, journal, asked, path };
}

test('a refused release keeps none of the others waiting', async () => {
  const refused = new Problem('IPAM_UNAUTHORIZED', 'the record is another node’s');
  const { doors, journal } = waiting({ c1: refused });
  await drainJournal(doors);
  expect(journal.holds(release('c1'))).toBe(true);
  expect(journal.holds(release('c2'))).toBe(false);
});

test('once the server is away, nobody is asked any more and all of them wait on', async () => {
  const { doors, journal, asked } = waiting({ c1: new Problem('IPAM_AWAY', 'no answer') });
  await drainJournal(doors);
  expect(asked).toEqual(['c1']);
  expect(journal.holds(release('c2'))).toBe(true);
});

test('of thousands of releases a call tells a hundred, and its own attachment’s in any case', async () => {
  const { doors, journal, asked } = waiting({});
  for (let number = 3; number <= 300; number++) {
    journal.append(release(`c${number}`));
  }
  await drainJournal(doors, release('c300'));
  expect(asked).toHaveLength(101);
  expect(asked.at(-1)).toBe('c300');
  expect(journal.holds(release('c101'))).toBe(true);
  await drainJournal(doors);
  await drainJournal(doors);
  expect(journal.isEmpty).toBe(true);
});

test('where an agent runs, the journal is its own to drain', async () => {
  const { doors, asked } = waiting({});
  await drainJournal({ ...doors, agent: { isThere: true } } as unknown as Doors);
  expect(asked).toEqual([]);
  await drainJournal({ ...doors, agent: { isThere: false } } as unknown as Doors);
  expect(asked).toEqual(['c1', 'c2']);
});

test('an agent that is away reads of a pod’s end in the journal; where none ever ran nothing is written', async () => {
  const { doors, journal, path } = waiting({});
  await drainJournal(doors);
  const away = { ...doors, agent: { isThere: false } } as unknown as Doors;
  await releaseOrNote(away, release('c3'), 7);
  expect(journal.isEmpty).toBe(true);
  writeFileSync(join(path, 'agent.state'), 'x');
  await releaseOrNote({ ...away, agent: { isThere: true } } as unknown as Doors, release('c3'), 7);
  expect(journal.isEmpty).toBe(true);
  await releaseOrNote(away, release('c3'), 0);
  expect(journal.holds(release('c3'))).toBe(true);
});
