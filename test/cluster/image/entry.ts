import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Something in an image: a file, a link or a folder. All of it belongs to root. */
export interface Entry {
  /** Where it is in the image, absolute. */
  readonly path: string;
  readonly mode: number;
  readonly content:
    | { readonly file: string }
    | { readonly text: string }
    | { readonly link: string }
    | 'folder';
}

/** A file of this machine; who may do what with it is kept. */
export function fileEntry(path: string, file: string): Entry {
  return { path, mode: lstatSync(file).mode & 0o777, content: { file } };
}

/** A program of this machine. */
export function programEntry(path: string, file: string): Entry {
  return { path, mode: 0o755, content: { file } };
}

export function textEntry(path: string, text: string): Entry {
  return { path, mode: 0o644, content: { text } };
}

export function linkEntry(path: string, link: string): Entry {
  return { path, mode: 0o777, content: { link } };
}

export function folderEntry(path: string, mode = 0o755): Entry {
  return { path, mode, content: 'folder' };
}

/** All that a folder holds, to be put to a path of the image, in an order that doesn't change. */
export function entriesOf(folder: string, path: string): Entry[] {
  return readdirSync(folder)
    .toSorted()
    .flatMap((name) => {
      const [from, to] = [join(folder, name), join(path, name)];
      const stat = lstatSync(from);
      if (stat.isDirectory()) {
        return [folderEntry(to), ...entriesOf(from, to)];
      }
      return [stat.isSymbolicLink() ? linkEntry(to, readlinkSync(from)) : fileEntry(to, from)];
    });
}

/** A file's content; undefined for links and folders. */
export function contentOf({ content }: Entry): Buffer | undefined {
  if (content === 'folder' || 'link' in content) {
    return undefined;
  }
  return 'text' in content ? Buffer.from(content.text) : readFileSync(content.file);
}
