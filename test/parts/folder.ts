import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folders = [import.meta.dirname, join(import.meta.dirname, '..', 'test', 'parts')];

/** This folder, also for programs that were bundled into dist/. */
export const partsFolder = folders.find((folder) => existsSync(join(folder, 'go-build.mjs'))) ?? '';

/** The repository's root folder, absolute. */
export const repository = dirname(dirname(partsFolder));
