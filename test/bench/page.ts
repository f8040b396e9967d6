/** The text of a page with another table between a section's marks; @throws Error where it has none */
export function withTable(page: string, section: string | null, table: string): string {
  const name = section === null ? 'measured' : `measured: ${section}`;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`the page has no place for a table: ${begin} and, after it, ${end}`);
  }
  return `${page.slice(0, from)}${begin}\n${table}${page.slice(to)}`;
}
