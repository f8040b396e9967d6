/** The value under `path`, or undefined; never one inherited from Object.prototype. */
export function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((at, step) => {
    return typeof at === 'object' && at !== null && Object.hasOwn(at, step)
      ? Reflect.get(at, step)
      : undefined;
  }, value);
}
