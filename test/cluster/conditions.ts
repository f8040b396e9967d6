interface Judged {
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Reports whether a node or a pod is Ready. */
export function isReady({ status }: Judged): boolean {
  return (status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}
