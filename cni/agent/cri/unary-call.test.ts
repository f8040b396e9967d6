import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadPackageDefinition,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { decodeSandboxes, listPodSandbox } from './sandbox.ts';
import { UnaryCall } from './unary-call.ts';

// The field numbers and types of CRI's api.proto.
const proto = `
syntax = "proto3";
package runtime.v1;
service RuntimeService { rpc ListPodSandbox(ListPodSandboxRequest) returns (ListPodSandboxResponse) {} }
message ListPodSandboxRequest {}
message PodSandboxMetadata { string name = 1; string uid = 2; string namespace = 3; uint32 attempt = 4; }
enum PodSandboxState { SANDBOX_READY = 0; SANDBOX_NOTREADY = 1; }
message PodSandbox {
  string id = 1; PodSandboxMetadata metadata = 2; PodSandboxState state = 3; int64 created_at = 4;
  map<string, string> labels = 5;
}
message ListPodSandboxResponse { repeated PodSandbox items = 1; }
`;

type Answer = (done: (error: object | null, answer?: object) => void) => void;

const folder = mkdtempSync(join(tmpdir(), 'realip-cri-'));
const socket = join(folder, 'cri.sock');
let answer: Answer;
let server: Server;

beforeAll(async () => {
  writeFileSync(join(folder, 'api.proto'), proto);
  // biome-ignore lint/suspicious/noExplicitAny: what a description becomes is known at run time only
  const { runtime } = loadPackageDefinition(loadSync(join(folder, 'api.proto'), { keepCase: true })) as any;
  const service: ServiceDefinition = runtime.v1.RuntimeService.service;
  server = new Server();
  server.addService(service, {
    ListPodSandbox: (_: unknown, done: Parameters<Answer>[0]) => answer(done),
  });
  await new Promise((resolve) =>
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), resolve),
  );
});

afterAll(() => {
  server.forceShutdown();
  rmSync(folder, { recursive: true });
});

/** The message of an answer to a call over the socket. */
async function call(method: string): Promise<Uint8Array> {
  const unary = new UnaryCall();
  const connection = connect(socket);
  await once(connection, 'connect');
  connection.write(UnaryCall.request(method, new Uint8Array()));
  try {
    for await (const octets of connection) {
      // One at a time: an answer may come in any pieces.
      for (let at = 0; at < octets.length; at += 1000) {
        connection.write(unary.take(octets.subarray(at, at + 1000)));
      }
      if (unary.result !== undefined) {
        return unary.result;
      }
    }
    throw new Error('closed');
  } finally {
    connection.destroy();
  }
}

test('a thousand sandboxes of a real gRPC server are read, which are ready and which are not', async () => {
  const items = Array.from({ length: 1000 }, (_, n) => ({
    id: `${'f'.repeat(60)}${n}`,
    metadata: { name: `p${n}`, uid: 'u', namespace: 'ns', attempt: 7 },
    state: n % 2 === 0 ? 'SANDBOX_READY' : 'SANDBOX_NOTREADY',
    created_at: '1763743673123456789',
    labels: { text: 'ü'.repeat(200) },
  }));
  answer = (done) => done(null, { items });
  expect(decodeSandboxes(await call(listPodSandbox))).toEqual(
    items.map(({ id, state }) => ({ id, isReady: state === 'SANDBOX_READY' })),
  );
});

test('an empty list is one', async () => {
  answer = (done) => done(null, { items: [] });
  expect(decodeSandboxes(await call(listPodSandbox))).toEqual([]);
});

test('a runtime that refuses, or lacks the call, has given no list', async () => {
  answer = (done) => done({ code: status.UNAVAILABLE, details: 'not now' });
  await expect(call(listPodSandbox)).rejects.toThrow('refused');
  await expect(call('/runtime.v1.RuntimeService/None')).rejects.toThrow('refused');
});

test('what is cut off is no list', () => {
  const message = Uint8Array.of(0x0a, 5, 0x0a, 3, 0x61, 0x62, 0x63);
  expect(decodeSandboxes(message)).toEqual([{ id: 'abc', isReady: true }]);
  for (let length = 1; length < message.length; length++) {
    expect(() => decodeSandboxes(message.subarray(0, length))).toThrow(RangeError);
  }
});

test('a frame that is longer than was allowed ends the call', () => {
  expect(() => new UnaryCall().take(Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0, 1))).toThrow(RangeError);
});
