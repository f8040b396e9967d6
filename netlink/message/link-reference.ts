/** A link by its index, or better by index and name (a `Link` is one), so that errors can name it. */
export type LinkReference = number | { readonly index: number; readonly name: string };

export function linkIndex(link: LinkReference): number {
  return typeof link === 'number' ? link : link.index;
}

/** The link in words for an error message. */
export function linkWords(link: LinkReference): string {
  return typeof link === 'number' ? `link ${link}` : link.name;
}
