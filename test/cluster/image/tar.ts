import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { contentOf, type Entry, folderEntry } from './entry.ts';

const blockOctets = 512;

/**
 * Writes a tar file (POSIX ustar), the same octets for the same entries at all times: everything is root's and of 1970.
 * Folders on the way to an entry are made.
 */
export function writeTar(file: string, entries: readonly Entry[]): void {
  const out = openSync(file, 'w');
  try {
    for (const entry of withFolders(entries)) {
      const content = contentOf(entry);
      writeSync(out, header(entry, content?.length ?? 0));
      if (content !== undefined) {
        writeAll(out, content);
        writeSync(out, Buffer.alloc((blockOctets - (content.length % blockOctets)) % blockOctets));
      }
    }
    writeSync(out, Buffer.alloc(2 * blockOctets));
  } finally {
    closeSync(out);
  }
}

/** A call writes 2 GiB at most, and may write less. */
function writeAll(out: number, content: Buffer): void {
  for (let at = 0; at < content.length; ) {
    at += writeSync(out, content, at);
  }
}

function withFolders(entries: readonly Entry[]): Entry[] {
  const known = new Set(['/', ...entries.map(({ path }) => path)]);
  const made: Entry[] = [];
  for (const { path } of entries) {
    for (let folder = dirname(path); !known.has(folder); folder = dirname(folder)) {
      known.add(folder);
      made.push(folderEntry(folder));
    }
  }
  // A folder's name sorts before those of what it holds.
  return [...entries, ...made].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function header({ path, mode, content }: Entry, size: number): Buffer {
  const block = Buffer.alloc(blockOctets);
  const [prefix, name] = split(content === 'folder' ? `${path.slice(1)}/` : path.slice(1));
  const link = typeof content === 'object' && 'link' in content ? content.link : '';
  const type = content === 'folder' ? '5' : link === '' ? '0' : '2';
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write(type, 156);
  block.write(link, 157);
  block.write('ustar\x0000', 257);
  block.write('root', 265);
  block.write('root', 297);
  block.write(prefix, 345);
  let sum = 0;
  for (const octet of block) {
    sum += octet;
  }
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A path of more than 100 octets is cut in two at a slash. */
function split(path: string): [string, string] {
  if (Buffer.byteLength(path) <= 100) {
    return ['', path];
  }
  const at = path.indexOf('/', path.length - 101);
  if (at < 1 || at > 155 || at === path.length - 1) {
    throw new Error(`too long for a tar file: ${path}`);
  }
  return [path.slice(0, at), path.slice(at + 1)];
}
