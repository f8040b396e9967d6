import { afterAll, expect, test } from 'bun:test';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityOf, readFile, sizeOf, writeFile } from './file.bun.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is read whole, however long, and one below /proc, which has no length', () => {
  const long = join(folder, 'long — ü');
  writeFileSync(long, 'ü'.repeat(40_000));
  expect(new TextDecoder().decode(readFile(long))).toBe('ü'.repeat(40_000));
  expect(sizeOf(long)).toBe(80_000);
  const kernel = '/proc/sys/kernel/osrelease';
  expect(new TextDecoder().decode(readFile(kernel))).toBe(readFileSync(kernel, 'utf8'));
});

test('a file that is missing, or no file, is an error with code and path; it has no octets', () => {
  const none = join(folder, 'none');
  expect(() => readFile(none)).toThrow(
    expect.objectContaining({ code: 'ENOENT', message: `could not open ${none}: ENOENT` }),
  );
  expect(() => writeFile(none, 'x')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
  expect(() => readFile(folder)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
  expect(() => writeFile('/proc/sys/kernel/osrelease', 'x')).toThrow();
  expect(sizeOf(none)).toBe(0);
  expect(() => sizeOf(`${folder}/${'x'.repeat(300)}`)).toThrow(
    expect.objectContaining({ code: 'ENAMETOOLONG' }),
  );
});

test('what is written is there', () => {
  const file = join(folder, 'written');
  writeFileSync(file, '');
  writeFile(file, '2');
  expect(readFileSync(file, 'utf8')).toBe('2');
});

test('two ways to one file have one identity, two files have two', () => {
  const [one, other, way] = ['one', 'other', 'way'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(one, '');
  writeFileSync(other, '');
  symlinkSync(one, way);
  const [a, b, c] = [one, way, other].map((path) => openSync(path, 'r')) as [number, number, number];
  expect(identityOf(a)).toBe(identityOf(b));
  expect(identityOf(a)).not.toBe(identityOf(c));
  [a, b, c].forEach((descriptor) => {
    closeSync(descriptor);
  });
  expect(() => identityOf(9999)).toThrow(expect.objectContaining({ code: 'EBADF' }));
});
