/** Who took the request lives no more, though its socket still takes connections. */
export class HungError extends Error {
  override readonly name = 'HungError';

  constructor() {
    super('it hangs: no answer, and none to /healthz either');
  }
}
