import { type Static, Type } from 'typebox';
import { ObjectName } from './text.ts';

/** A registered node: it may allocate from its own ranges and its zone’s shared ones. */
export const ClusterNode = Type.Object({ zone: ObjectName }, { additionalProperties: false });
export type ClusterNode = Static<typeof ClusterNode>;
