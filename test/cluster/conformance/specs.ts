/** The specs that Kubernetes’ network special interest group wants of every cluster. */
const wanted = ['[sig-network]', '[Conformance]'];

/** Reads what `e2e.test --list-tests` prints: a line a spec, behind the place of its source. */
export function conformanceSpecs(list: string): string[] {
  return list
    .split('\n')
    .filter((line) => wanted.every((word) => line.includes(word)))
    .map((line) => line.slice(line.indexOf('[sig-network]')).trim())
    .toSorted();
}

/** What `--ginkgo.focus` is, to run one spec and no other. */
export function focusOn(spec: string): string {
  return spec.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
