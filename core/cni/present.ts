/** The same keys, each optional and never undefined: what exactOptionalPropertyTypes asks of an absent value. */
export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** An object without the keys whose value is undefined. */
export function present<T extends object>(value: T): Present<T> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Present<T>;
}
