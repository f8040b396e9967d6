/** Holds a file's lock until `unlock`; the kernel lets go of it when the process ends, however it ends. */
export interface Lock {
  /** Of the file; whoever inherits it holds the lock too. */
  readonly descriptor: number;
  unlock(): void;
}

/** @returns undefined when another process holds it and `wait` is false */
export type TakeLock = (path: string, wait: boolean) => Lock | undefined;
