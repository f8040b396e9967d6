/** The same keys, each optional and never undefined: what exactOptionalPropertyTypes asks of an absent value. */
export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** An object without the keys whose value is undefined. */
export function present<T extends object>(value: T): Present<T> {
  const kept: Partial<T> = {};
  for (const key of Object.keys(value) as (keyof T)[]) {
    if (value[key] !== undefined) {
      kept[key] = value[key];
    }
  }
  return kept as Present<T>;
}
