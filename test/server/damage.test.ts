import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, release } from './lan.ts';
import { newFolder, refusedStart, startServer } from './process.ts';

const folder = newFolder();
const file = (name: string) => join(folder.path, name);
const loopback = ['--listen', '127.0.0.1:0'];
const pageSize = 4096;
let whole: Buffer;

/** A ledger of some dozen pages: records, rows of events, and the heads of all tables. */
beforeAll(async () => {
  const server = await startServer(`sqlite:${file('whole.db')}`);
  await makeLan(server);
  for (let i = 0; i < 60; i++) {
    await allocate(server, `c${i}`);
  }
  await release(server, 'c7');
  await server.stop();
  whole = readFileSync(file('whole.db'));
});
afterAll(() => folder.remove());

/** A server refuses to start on the file as it is now, in one line that says how to restore. */
async function expectRefusal(path: string, message: RegExp): Promise<void> {
  const { code, stderr } = await refusedStart(...loopback, '--store', `sqlite:${path}`);
  expect(stderr).toMatch(message);
  expect(stderr).toContain('restore --from BACKUP');
  expect(stderr.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(1);
}

test('a page that is overwritten is found, whichever it is, and named', async () => {
  const path = file('page.db');
  const pages = whole.length / pageSize;
  expect(pages).toBeGreaterThan(8);
  for (let page = 2; page <= pages; page += Math.ceil(pages / 6)) {
    const bytes = Buffer.from(whole);
    bytes.fill(0xab, (page - 1) * pageSize, page * pageSize);
    writeFileSync(path, bytes);
    await expectRefusal(path, /damaged/);
    const { stderr } = await refusedStart(...loopback, '--store', `sqlite:${path}`);
    // Where a page is missing from its tree SQLite names the tree's page that leads to it.
    expect(stderr).toMatch(/[Pp]age \d+|malformed|rootpage \d+/);
  }
});

test('a record whose text has changed on the disk is found, and named', async () => {
  const path = file('record.db');
  const bytes = Buffer.from(whole);
  // Also where it is only what a page split has left behind.
  for (let at = bytes.indexOf('{"id":"'); at >= 0; at = bytes.indexOf('{"id":"', at)) {
    bytes.write('{"ix":"', at);
  }
  writeFileSync(path, bytes);
  const message = /record "allocation\/realip\/c\d+\/eth0" does not have the fields/;
  await expectRefusal(path, message);
  // A server that refuses it has closed it: the next one says the same.
  await expectRefusal(path, message);
});

test.each([
  ['cut short', (path: string) => truncateSync(path, whole.length - pageSize)],
  ['cut in a page', (path: string) => truncateSync(path, whole.length - 1000)],
  ['emptied', (path: string) => truncateSync(path, 0)],
  ['garbage', (path: string) => writeFileSync(path, Buffer.alloc(50_000, 0x5a))],
])('a file that was %s is refused and left as it is', async (_, damage) => {
  const path = file('bad.db');
  writeFileSync(path, whole);
  damage(path);
  const before = readFileSync(path);
  await expectRefusal(path, /damaged/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

test('what a server had not yet brought into the file is not forgotten in silence: its -wal file is missed', async () => {
  const path = file('killed.db');
  const server = await startServer(`sqlite:${path}`);
  await makeLan(server);
  expect((await allocate(server, 'c1')).status).toBe(201);
  await server.stop('SIGKILL');
  const [main, wal] = [readFileSync(path), readFileSync(`${path}-wal`)];
  rmSync(`${path}-wal`);
  await expectRefusal(path, /-wal, with the last changes, is missing/);

  writeFileSync(`${path}-wal`, wal);
  rmSync(path);
  await expectRefusal(path, /the file is missing, while its .*-wal is there/);

  writeFileSync(path, main);
  writeFileSync(`${path}-wal`, wal);
  const again = await startServer(`sqlite:${path}`);
  expect((await allocate(again, 'c1')).status).toBe(200);
  await again.stop();
});

test('a new ledger is told as such, one that is there is not', async () => {
  const store = `sqlite:${file('new.db')}`;
  const first = await startServer(store);
  expect(first.stderr).toContain('new ledger');
  await makeLan(first);
  await first.stop();
  const second = await startServer(store);
  expect(second.stderr).not.toContain('new ledger');
  await second.stop();
});
