import { errnoName } from './message/errno.ts';

/** A system call that failed, in words: `could not open /etc/x: ENOENT`. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  readonly errno: number;
  /** The errno's name, such as `ENOENT`, where Node's own errors have it. */
  readonly code: string;

  /** @param operation what was being done, such as `open /etc/x` */
  constructor(operation: string, errno: number) {
    const code = errnoName(errno);
    super(`could not ${operation}: ${code}`);
    this.errno = errno;
    this.code = code;
  }
}
