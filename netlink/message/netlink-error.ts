import { type ErrnoName, errno, errnoName } from './errno.ts';

/** What the kernel refused, in words: the operation, the errno, and the kernel's own explanation if it gave one. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  /** What was being done, such as `create macvlan eth0 on uplink`. */
  readonly operation: string;
  /** The errno's number, such as 17. */
  readonly errno: number;
  /** The errno's name, such as `EEXIST`. */
  readonly errnoName: string;
  /** The text of the kernel's extended acknowledgement. */
  readonly kernelMessage: string | undefined;

  constructor(operation: string, number: number, kernelMessage?: string) {
    const name = errnoName(number);
    super(`could not ${operation}: ${name} (${number})${kernelMessage ? `: ${kernelMessage}` : ''}`);
    this.operation = operation;
    this.errno = number;
    this.errnoName = name;
    this.kernelMessage = kernelMessage;
  }

  isErrno(...names: readonly ErrnoName[]): boolean {
    return names.some((name) => errno[name] === this.errno);
  }
}

/**
 * Reports whether something thrown is the kernel's refusal with one of these errnos.
 *
 * @example if (isErrno(error, 'EEXIST')) { … }
 */
export function isErrno(thrown: unknown, ...names: readonly ErrnoName[]): thrown is NetlinkError {
  return thrown instanceof NetlinkError && thrown.isErrno(...names);
}
