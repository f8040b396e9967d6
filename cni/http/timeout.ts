/** No answer, or not all of it, came in time. Fetch's own error has the same name. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';

  constructor() {
    super('no whole answer came in time');
  }
}
