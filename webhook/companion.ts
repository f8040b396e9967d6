/** Something that works beside the answers to reviews for as long as the webhook runs, such as a look at files. */
export interface Companion {
  /** Begins, once the port is open. */
  start(): void;
  /** Ends; called once, when the webhook stops, which waits for it as long as for requests. */
  stop(): void | Promise<void>;
  /** Why reviews must not be sent here yet, for `/readyz`; null when they may. */
  notReady?(): string | null;
  /** Resolves when `notReady` is null for the first time; asked after `start`. */
  ready?(): Promise<void>;
}
