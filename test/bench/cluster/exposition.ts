/** Names of a histogram's lines without `_sum`, with labels where it has any: `a_seconds{operation_type="x"}`. */
export type Histogram = string;

/**
 * The sum of what a histogram has seen, out of a text as Prometheus reads it; 0 where it has seen nothing yet.
 *
 * @param histogram such as `kubelet_runtime_operations_duration_seconds{operation_type="run_podsandbox"}`
 */
export function sumOf(text: string, histogram: Histogram): number {
  const [, name = '', labels = ''] = /^([^{]+)(\{.*\})?$/.exec(histogram) ?? [];
  const head = `${name}_sum${labels} `;
  const line = text.split('\n').find((each) => each.startsWith(head));
  return line === undefined ? 0 : Number(line.slice(head.length));
}
