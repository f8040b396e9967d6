import { promisify } from 'node:util';
import { credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

// biome-ignore lint/suspicious/noExplicitAny: CRI's messages, looked into field by field in the tests
type Message = any;

type Unary = (
  request: object,
  options: { deadline: Date },
  done: (error: ServiceError | null, answer: Message) => void,
) => void;

const longestMs = 30_000;

/** The Container Runtime Interface, as kubelet speaks it. */
export class Cri {
  readonly #runtime: Record<string, Unary> & { close(): void };
  readonly #images: Record<string, Unary> & { close(): void };

  /**
   * @param proto the interface's api.proto
   * @param socket path of the runtime's socket
   */
  constructor(proto: string, socket: string) {
    const { runtime } = loadPackageDefinition(
      loadSync(proto, { keepCase: true, defaults: true, enums: String }),
    );
    const { v1 } = runtime as Message;
    // The runtime may be away for a moment; the default waits a second and more before it tries again.
    const options = { 'grpc.initial_reconnect_backoff_ms': 20, 'grpc.max_reconnect_backoff_ms': 100 };
    this.#runtime = new v1.RuntimeService(`unix:${socket}`, credentials.createInsecure(), options);
    this.#images = new v1.ImageService(`unix:${socket}`, credentials.createInsecure(), options);
  }

  /** @throws ServiceError with the runtime's words */
  runtime(method: string, request: object = {}): Promise<Message> {
    return call(this.#runtime, method, request);
  }

  images(method: string, request: object = {}): Promise<Message> {
    return call(this.#images, method, request);
  }

  close(): void {
    this.#runtime.close();
    this.#images.close();
  }
}

function call(service: Record<string, Unary>, method: string, request: object): Promise<Message> {
  const unary = service[method]?.bind(service);
  if (unary === undefined) {
    throw new Error(`CRI has no ${method}`);
  }
  return promisify(unary)(request, { deadline: new Date(Date.now() + longestMs) });
}
