import { type Document, isScalar, LineCounter, parseAllDocuments, type Scalar } from 'yaml';
import type { Finding } from '../../document/finding.ts';
import { nearest } from '../../document/nearest.ts';
import { didYouMean } from '../../document/shape.ts';
import { valueAt } from '../../document/value-at.ts';

/** The key of a ConfigMap under which the policy stands. */
export const usualKey = 'policy.yaml';

/** A policy inside a ConfigMap's manifest. */
export interface InManifest {
  readonly text: string;
  /** A finding in `text`, with its place in the manifest. */
  readonly place: (finding: Finding) => Finding;
}

/**
 * The policy inside a ConfigMap's manifest, as people keep it beside their other objects; null for a text that is no
 * such manifest.
 *
 * @throws Error for text that the YAML library can't take
 */
export function policyInManifest(text: string): InManifest | readonly Finding[] | null {
  // A policy has no field `kind`; this spares parsing each policy twice.
  if (!/^[\s{,"']*kind["']?\s*:\s*["']?ConfigMap\b/m.test(text)) {
    return null;
  }
  const lines = new LineCounter();
  const at = (offset: number, reason: string): Finding => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col, reason };
  };
  const documents: Document[] = [...parseAllDocuments(text, { lineCounter: lines, logLevel: 'error' })];
  const maps = documents.filter((document) => document.get('kind') === 'ConfigMap');
  const map = maps.find((document) => document.hasIn(['data', usualKey])) ?? maps[0];
  if (map === undefined) {
    return null;
  }
  if (map.errors.length > 0) {
    return map.errors.map(({ pos, message }) => at(pos[0], message.split('\n')[0] ?? message));
  }
  const data = valueAt(map.toJS(), ['data']);
  const keys = typeof data === 'object' && data !== null ? Object.keys(data) : [];
  const [only] = keys;
  const key = keys.includes(usualKey) || keys.length !== 1 || only === undefined ? usualKey : only;
  const entry = map.getIn(['data', key], true);
  if (!isScalar(entry) || typeof entry.value !== 'string') {
    const hint = didYouMean(nearest(key, keys));
    const reason = keys.includes(key) ? `data["${key}"] is no text` : `the ConfigMap has no data["${key}"]`;
    return [at(map.contents?.range?.[0] ?? 0, `${reason}${hint}`)];
  }
  return { text: entry.value, place: placesIn(text, entry, lines) };
}

function placesIn(text: string, entry: Scalar, lines: LineCounter): (finding: Finding) => Finding {
  const { line: header, col } = lines.linePos(entry.range?.[0] ?? 0);
  if (entry.type !== 'BLOCK_LITERAL') {
    // Only a literal block (|) has the lines of its text.
    return ({ line, reason }) => ({ line: header, column: col, reason: `${reason} (in its line ${line})` });
  }
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const content = String(entry.value).split('\n');
  const first = content.findIndex((line) => line.trim() !== '');
  const indent = indentOf(text.split('\n')[header + first] ?? '') - indentOf(content[first] ?? '');
  return ({ line, column, reason }) => ({ line: header + line, column: column + indent, reason });
}
