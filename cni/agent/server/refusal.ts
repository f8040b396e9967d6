/** The server has answered, and its answer is no: its own problem (RFC 9457), to be passed on as it is. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  /** Of the server's registry, which may be newer than ours. */
  readonly code: string;
  /** The problem as JSON text. */
  readonly body: string;

  constructor(status: number, code: string, detail: string, body: string) {
    super(detail);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

/** The problem of an answer; undefined when it is none, as a proxy's. */
export function refusalOf({ status, body }: { readonly status: number; readonly body: string }) {
  try {
    const { detail, code }: { detail?: unknown; code?: unknown } = JSON.parse(body);
    return typeof detail === 'string' && typeof code === 'string'
      ? new Refusal(status, code, detail, body)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Codes of a server that can decide nothing at present: another one may, and this one later. */
const ofNoUse = ['STORE_UNAVAILABLE', 'SHUTTING_DOWN', 'NOT_LEADING'];

/** Reports whether a refusal says that the server is of no use for now, rather than that the call is wrong. */
export function isOfNoUse({ code }: Refusal): boolean {
  return ofNoUse.includes(code);
}
