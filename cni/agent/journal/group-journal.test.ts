import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from '../../journal/journal.ts';
import { encodeRelease, type Release } from '../../journal/record.ts';
import { GroupJournal } from './group-journal.ts';

const release = (containerId: string, generation?: number): Release => ({
  network: 'real',
  containerId,
  ifname: 'eth0',
  ...(generation === undefined ? {} : { generation }),
});
let folder: string;
let isTaken = false;
let takes = 0;
let journal: GroupJournal;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'realip-journal-')), 'state');
  isTaken = false;
  takes = 0;
  journal = new GroupJournal(folder, take);
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

function take() {
  takes += 1;
  if (isTaken) {
    return undefined;
  }
  isTaken = true;
  return {
    descriptor: 0,
    unlock: () => {
      isTaken = false;
    },
  };
}

test('what a plugin and the agent write is one journal', async () => {
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  new Journal(folder, take, sizeOf).append(release('plugin'));
  await journal.append(release('agent', 7));
  expect((await journal.read()).releases).toEqual([release('plugin'), release('agent', 7)]);
});

test('a hundred at once are written together, all of them', async () => {
  await Promise.all(Array.from({ length: 100 }, (_, n) => journal.append(release(`c${n}`))));
  expect((await journal.read()).releases).toHaveLength(100);
  expect(takes).toBeLessThan(10);
});

test('what was told goes, what came meanwhile stays', async () => {
  await journal.append(release('first'));
  const { releases } = await journal.read();
  await journal.append(release('second'));
  await journal.remove(releases);
  expect((await journal.read()).releases).toEqual([release('second')]);
  await journal.remove([release('second')]);
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toBe('');
});

test('while a plugin has the lock it waits, and takes along who comes meanwhile', async () => {
  isTaken = true;
  const both = Promise.all([journal.append(release('first')), journal.append(release('second'))]);
  await new Promise((resolve) => setTimeout(resolve, 30));
  isTaken = false;
  await both;
  expect((await journal.read()).releases).toHaveLength(2);
});

test('a line that a power cut broke off is dropped, and those around it count', async () => {
  await journal.append(release('first'));
  appendFileSync(join(folder, 'journal'), encodeRelease(release('half')).slice(0, 20));
  await journal.append(release('second'));
  expect(await journal.read()).toEqual({ releases: [release('first'), release('second')], damaged: 1 });
});

test('a release that can’t be written is told, and the next one is written when it can', async () => {
  mkdirSync(join(folder, 'journal'), { recursive: true });
  await expect(journal.append(release('first'))).rejects.toMatchObject({ code: 'AGENT_STATE_UNWRITABLE' });
  rmdirSync(join(folder, 'journal'));
  await journal.append(release('second'));
  expect((await journal.read()).releases).toEqual([release('second')]);
});

test('without a file nothing waits', async () => {
  expect(await journal.read()).toEqual({ releases: [], damaged: 0 });
});
