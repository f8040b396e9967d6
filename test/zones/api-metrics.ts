import type { Cluster } from '../kube/cluster.ts';

/** What the API server itself counted of one webhook since its start. */
export interface WebhookCounts {
  /** Calls, whatever came of them. */
  readonly calls: number;
  /** Pods let pass because the call failed. */
  readonly failedOpen: number;
  /** Pods refused by it, or by an error of the call under Fail. */
  readonly rejected: number;
  /** Milliseconds within which this share of the calls was over, to the API server's own histogram's bounds. */
  readonly within: (share: number) => number;
}

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

function samplesOf(text: string): Sample[] {
  return [...text.matchAll(/^(apiserver_admission_webhook_\w+)\{(.*)\} (\S+)$/gm)].map(
    ([, name = '', labels = '', value]) => ({
      name: name.replace('apiserver_admission_webhook_', ''),
      labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, its]) => [key, its])),
      value: Number(value),
    }),
  );
}

/** Reads the API server's metrics of a webhook. */
export async function webhookCounts(cluster: Cluster, webhook: string): Promise<WebhookCounts> {
  const text: string = await cluster.must('GET', '/metrics');
  const samples = samplesOf(text).filter(({ labels }) => labels['name'] === webhook);
  const of = (name: string) => samples.filter((each) => each.name === name);
  const sum = (name: string) => of(name).reduce((total, { value }) => total + value, 0);
  const calls = sum('admission_duration_seconds_count');
  const bounds = new Map<number, number>();
  for (const { labels, value } of of('admission_duration_seconds_bucket')) {
    const bound = Number(labels['le']?.replace('+Inf', 'Infinity'));
    bounds.set(bound, (bounds.get(bound) ?? 0) + value);
  }
  return {
    calls,
    failedOpen: sum('fail_open_count'),
    rejected: sum('rejection_count'),
    within: (share) => {
      const enough = [...bounds].sort(([a], [b]) => a - b).find(([, count]) => count >= share * calls);
      return (enough?.[0] ?? Number.POSITIVE_INFINITY) * 1_000;
    },
  };
}
