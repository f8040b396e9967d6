import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Journal } from './journal.ts';
import { decodeReleases, encodeRelease, type Release } from './record.ts';

const first: Release = { network: 'real', containerId: 'c1', ifname: 'eth0', generation: 4 };
const second: Release = { network: 'real', containerId: 'c2', ifname: 'eth0' };
let folder: string;
let isTaken = false;
let journal: Journal;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'realip-journal-')), 'state');
  isTaken = false;
  const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  journal = new Journal(
    folder,
    () => (isTaken ? undefined : { descriptor: 0, unlock: () => undefined }),
    sizeOf,
  );
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

async function drained(keep: (release: Release) => boolean = () => false): Promise<Release[]> {
  const seen: Release[] = [];
  const release = async (each: Release) => {
    seen.push(each);
    return !keep(each);
  };
  await journal.drain(release, false);
  return seen;
}

test('releases come back in order, once', async () => {
  expect(journal.isEmpty).toBe(true);
  journal.append(first);
  journal.append(second);
  expect(journal.isEmpty).toBe(false);
  expect(journal.holds(second)).toBe(true);
  expect(await drained()).toEqual([first, second]);
  expect(journal.isEmpty).toBe(true);
  expect(journal.holds(second)).toBe(false);
});

test('what could not be told stays', async () => {
  journal.append(first);
  journal.append(second);
  await drained((release) => release.containerId === 'c2');
  expect(await drained()).toEqual([second]);
});

test('a journal that another process drains is left to it', async () => {
  journal.append(first);
  isTaken = true;
  expect(await drained()).toEqual([]);
  expect(journal.isEmpty).toBe(false);
});

test('a line that a power cut broke off is dropped, and those around it count', async () => {
  journal.append(first);
  appendFileSync(join(folder, 'journal'), encodeRelease(second).slice(0, 20));
  journal.append(second);
  expect(await drained()).toEqual([first, second]);
});

test('a flipped bit is found', () => {
  const line = encodeRelease(first).replace('c1', 'c3');
  expect(decodeReleases(line + encodeRelease(second))).toEqual({ releases: [second], damaged: 1 });
});

test('the file is plain lines of checksum and JSON', () => {
  journal.append(first);
  expect(readFileSync(join(folder, 'journal'), 'utf8')).toMatch(/^[0-9a-f]{8} \{"network":"real",.*\}\n$/);
});
