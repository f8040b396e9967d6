/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Steps to a value: member names, and in lists an index or `-` for "after the last". */
export type ChangePath = readonly (string | number)[];

/** One field of a pod that placement sets, or one item that it adds to a list. */
export interface Change {
  readonly path: ChangePath;
  readonly value: Json;
}
