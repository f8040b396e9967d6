import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenState, openState } from './open-state.ts';
import { codeOf } from './testing/code.ts';
import { attachment, start, Trial } from './testing/trial.ts';

let folder: string;
let path: string;
let now: number;

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'realip-agent-')), 'state');
  path = join(folder, 'agent.state');
  now = start;
});

afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

/** An agent on the folder, with a server of its own; agents before it are as good as killed. */
function agent(more: { node?: string; bootId?: string } = {}): { trial: Trial; open: OpenState } {
  const open = openState(folder, { node: 'n1', bootId: 'boot-1', now, ...more });
  const trial = new Trial();
  trial.now = now;
  trial.state = open.state;
  return { trial, open };
}

const twenty = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`10.9.0.${n + 1}`, 'lan']));

test('an agent that was killed knows what it gave, and what it holds', () => {
  const before = agent().trial;
  before.stock(twenty);
  const given = before.given(1);
  before.given(2);
  before.end(2);
  const after = agent();
  expect(after.open.warnings).toEqual([]);
  expect(after.open.state.records()).toEqual(before.state.records());
  expect(after.trial.given(1)).toEqual(given);
});

test('a take is in the file before it is answered, in one line', () => {
  const { trial } = agent();
  trial.stock(twenty);
  const before = readFileSync(path, 'utf8').split('\n').length;
  trial.given(1);
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  expect(lines.length + 1 - before).toBe(1);
  expect(lines.at(-1)).toMatch(/^[0-9a-f]{8} \[.*"containerId":"c1".*10\.9\.0\.1\b/);
});

test('a cut last line is passed over, and the kernel is looked at before anything is given', () => {
  const before = agent().trial;
  before.stock(twenty);
  before.given(1);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.slice(0, -30));
  const { trial, open } = agent();
  expect(open.warnings).toEqual([`${path}: 1 damaged or cut lines are passed over`]);
  for (const ip of trial.state.toRecheck(now)) {
    trial.state.rechecked([ip], [], now);
  }
  expect(trial.given(2)).toBe('wait');
  trial.look([{ ...attachment(1), addresses: ['10.9.0.1'] }]);
  expect(trial.given(2)).toEqual(['10.9.0.2']);
});

test('what comes after a cut line counts', () => {
  const before = agent();
  before.trial.stock(twenty);
  appendFileSync(path, '12345678 [{"kind":"st');
  const between = agent();
  between.trial.end(9);
  expect(agent().open.warnings).toEqual([]);
  expect(agent().trial.outbox()).toEqual(['release c9']);
});

test('with a line lost in the middle the reserve is dropped: it may have given some of it', () => {
  const before = agent().trial;
  before.stock(twenty);
  before.given(1);
  before.given(2);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace('"containerId":"c1"', '"containerId":"x1"'));
  const { trial } = agent();
  expect(trial.state.status().reserve).toEqual([]);
  expect(trial.given(2)).toEqual(['10.9.0.2']);
});

test.each([
  ['no state at all', 'hello\n', 'it does not begin as an agent’s state'],
  ['empty', '', 'it does not begin as an agent’s state'],
])('a file that is %s is set aside with a warning, and the agent starts', (_, text, why) => {
  agent().open.file.close();
  writeFileSync(path, text);
  const { open } = agent();
  expect(open.warnings).toEqual([
    `${path} can’t be used (${why}); it is set aside as ${path}.2026-01-01T000000000Z. What lives is found in the kernel.`,
  ]);
  expect(readdirSync(folder).sort()).toEqual(['agent.state', 'agent.state.2026-01-01T000000000Z']);
});

test('another node’s file is set aside', () => {
  agent({ node: 'n2' }).trial.stock(twenty);
  expect(agent().open.warnings[0]).toContain('it is node n2’s, this is n1');
});

test('a folder in its place is set aside too', () => {
  agent();
  rmSync(path);
  writeFileSync(join(folder, 'x'), '');
  rmSync(path, { force: true });
  const { mkdirSync } = process.getBuiltinModule('node:fs');
  mkdirSync(path);
  expect(agent().open.warnings[0]).toContain('can’t be used (');
  expect(statSync(path).isFile()).toBe(true);
});

test('after a reboot the attachments have ended, and the reserve is there', () => {
  const before = agent().trial;
  before.stock(twenty);
  before.given(1);
  const { trial } = agent({ bootId: 'boot-2' });
  expect(trial.state.status()).toMatchObject({ attachments: 0, untold: 1 });
  expect(trial.state.status().reserve).toHaveLength(19);
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.1', 'release c1 1']);
});

test('the file does not grow for ever', async () => {
  const { trial, open } = agent();
  trial.stock(twenty);
  for (let n = 0; n < 1500; n++) {
    trial.end(n);
    trial.tell();
    await open.file.sync();
  }
  expect(statSync(path).size).toBeLessThan(400 * 1024);
  expect(agent().open.state.records()).toEqual(trial.state.records());
});

test('what cannot be written has not happened', () => {
  const { trial, open } = agent();
  trial.stock(twenty);
  const before = trial.state.records();
  open.file.close();
  expect(codeOf(() => trial.given(1))).toBe('AGENT_STATE_UNWRITABLE');
  expect(codeOf(() => trial.end(2))).toBe('AGENT_STATE_UNWRITABLE');
  expect(trial.state.records()).toEqual(before);
});

test('everybody who waits for the disk waits until it has all of it', async () => {
  const { trial, open } = agent();
  const fs = process.getBuiltinModule('node:fs');
  const { fdatasync } = fs;
  let written: () => void = () => undefined;
  try {
    const held: (descriptor: number, done: (error: null) => void) => void = (_, done) => {
      written = () => done(null);
    };
    fs.fdatasync = Object.assign(held, { __promisify__: fdatasync.__promisify__ });
    trial.end(1);
    const waiting = [open.file.sync(), open.file.sync()];
    const first = await Promise.race([...waiting, new Promise((resolve) => setImmediate(resolve, 'nobody'))]);
    expect(first).toBe('nobody');
    written();
    await Promise.all(waiting);
    await open.file.sync();
  } finally {
    fs.fdatasync = fdatasync;
  }
});

test('only root reads it', () => {
  agent();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});
