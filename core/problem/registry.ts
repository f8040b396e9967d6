import { addressKinds } from './address-kinds.ts';
import { agentKinds } from './agent-kinds.ts';
import { installKinds } from './install-kinds.ts';
import { ipamServerKinds } from './ipam-server-kinds.ts';
import type { ProblemKind } from './kind.ts';
import { nodeKinds } from './node-kinds.ts';
import { serviceKinds } from './service-kinds.ts';
import { webhookKinds } from './webhook-kinds.ts';

/** A table for each part. */
export const kindTables = [
  ...[addressKinds, nodeKinds, agentKinds, installKinds],
  ...[ipamServerKinds, webhookKinds, serviceKinds],
] as const;

const kinds = {
  ...addressKinds,
  ...nodeKinds,
  ...agentKinds,
  ...installKinds,
  ...ipamServerKinds,
  ...webhookKinds,
  ...serviceKinds,
};

export type ProblemCode = keyof typeof kinds;

/** Every error that a user of realip can meet, by its code. `docs/errors.md` is tested against it. */
export const problemKinds: Readonly<Record<ProblemCode, ProblemKind>> = kinds;
