/**
 * Node's file system, for what is rare. Imported as usual it would be loaded with the executable, which takes a whole
 * millisecond of every call; what every call needs is in netlink/file.bun.ts.
 */
export function files() {
  return process.getBuiltinModule('node:fs');
}
