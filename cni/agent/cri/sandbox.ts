import { fieldsOf } from './protobuf.ts';

/** A pod's sandbox as the runtime knows it; its id is the container id of CNI. */
export interface Sandbox {
  readonly id: string;
  /** Not so once its network was taken down, or its node started anew. */
  readonly isReady: boolean;
}

/** Where the call is; v1 is spoken by containerd since 1.6 and by CRI-O since 1.20. */
export const listPodSandbox = '/runtime.v1.RuntimeService/ListPodSandbox';

/** Field numbers of CRI's api.proto. */
const items = 1;
const sandbox = { id: 1, state: 3 } as const;

/** The sandboxes in a ListPodSandboxResponse. @throws RangeError when it is none */
export function decodeSandboxes(message: Uint8Array): Sandbox[] {
  const found: Sandbox[] = [];
  for (const { number, value } of fieldsOf(message)) {
    if (number === items && typeof value !== 'number') {
      found.push(decodeSandbox(value));
    }
  }
  return found;
}

function decodeSandbox(message: Uint8Array): Sandbox {
  let id = '';
  // SANDBOX_READY is 0, and zeros are left out.
  let state = 0;
  for (const { number, value } of fieldsOf(message)) {
    if (number === sandbox.id && typeof value !== 'number') {
      id = new TextDecoder().decode(value);
    } else if (number === sandbox.state && typeof value === 'number') {
      state = value;
    }
  }
  return { id, isReady: state === 0 };
}
