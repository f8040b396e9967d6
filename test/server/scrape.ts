import type { CallOptions, Server } from './process.ts';

/** Samples of /metrics by name and labels as they are written, such as `realip_ipam_addresses{subnet="lan",…}`. */
export async function scrape(
  server: Server,
  options: CallOptions = {},
): Promise<ReadonlyMap<string, number>> {
  const { text } = await server.call('GET', '/metrics', undefined, options);
  return samplesOf(text);
}

/** The samples of a text in Prometheus' format. */
export function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}
