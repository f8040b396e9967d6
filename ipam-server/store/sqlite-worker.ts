import { parentPort } from 'node:worker_threads';
import { SqliteFile } from './sqlite-file.ts';
import type { SqliteAnswers, SqliteReply, SqliteRequest } from './sqlite-message.ts';

/**
 * The thread that waits for the disk, so that the server's own never does. Built to dist/sqlite-worker.js.
 */
let file: SqliteFile | null = null;

function perform(request: SqliteRequest): SqliteAnswers[keyof SqliteAnswers] {
  if (request.do === 'open') {
    file = new SqliteFile(request.file);
    return null;
  }
  if (file === null) {
    throw new Error('the file is not open');
  }
  switch (request.do) {
    case 'load':
      return { ...file.load(request.from), lastEvent: file.events.last };
    case 'commit':
      file.commit(request.records, request.events);
      return null;
    case 'events':
      return file.events.find(request.query);
    case 'oldest-event':
      return file.events.oldest;
    case 'forget-events':
      return file.events.forget(request.before);
    case 'begin-backup':
      return file.beginBackup();
    case 'end-backup':
      file.endBackup();
      return null;
    case 'check':
      file.checkAll();
      return null;
    case 'close':
      file.close();
      file = null;
      return null;
  }
}

function reply(request: SqliteRequest): SqliteReply {
  try {
    return { ok: true, answer: perform(request) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
  }
}

/** What can wait until the commit is answered. */
function tidy(): void {
  try {
    file?.events.post();
  } catch {
    // Nothing is lost: what has no postings is searched itself, and the next commit tries again.
  }
}

parentPort?.on('message', (request: SqliteRequest) => {
  parentPort?.postMessage(reply(request));
  if (request.do === 'commit') {
    tidy();
  }
});
