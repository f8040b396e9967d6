/** Something that breaks, and is mended as it would be on a real machine. */
export interface Fault {
  readonly name: string;
  strike(): Promise<void>;
  /** What a machine's init, an admin or a cable gives back; absent where the kubelet, or realip, does it by itself. */
  mend?(): Promise<void>;
  /** How long it is broken before it is mended, in milliseconds. */
  readonly lastsMs?: number;
  /** Reports whether what was broken works again. */
  isWell(): Promise<boolean>;
}
