import { parentPort } from 'node:worker_threads';
import { SqliteFile } from './sqlite-file.ts';
import type { SqliteReply, SqliteRequest } from './sqlite-message.ts';

/**
 * The thread that waits for the disk, so that the server's own never does. Built to dist/sqlite-worker.js.
 */
let file: SqliteFile | null = null;

function perform(request: SqliteRequest): SqliteReply {
  if (request.do === 'open') {
    file = new SqliteFile(request.file);
    return { ok: true };
  }
  if (file === null) {
    return { ok: false, code: 'CLOSED', message: 'the file is not open' };
  }
  switch (request.do) {
    case 'load':
      return { ok: true, entries: file.load() };
    case 'commit':
      file.commit(request.changes);
      return { ok: true };
    case 'close':
      file.close();
      file = null;
      return { ok: true };
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    parentPort?.postMessage(perform(request));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const message = error instanceof Error ? error.message : String(error);
    parentPort?.postMessage({ ok: false, code, message } satisfies SqliteReply);
  }
});
