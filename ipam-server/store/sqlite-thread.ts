/** The thread of the SQLite store; it is built beside the program that this is part of. */
export const sqliteWorker = new URL('sqlite-worker.js', import.meta.url);
