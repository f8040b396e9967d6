/** A piece of a route’s path: text, or the name of a parameter. */
type RoutePart = { readonly literal: string } | { readonly parameter: string };

/** `/v1/zones/:zone` in pieces; `::` is a colon, a parameter may bring its own expression. */
export function routeParts(url: string): RoutePart[] {
  return url
    .split(/(::|:[a-zA-Z]+(?:\(.*\))?)/)
    .filter((part) => part !== '')
    .map((part) => {
      if (part === '::' || !part.startsWith(':')) {
        return { literal: part === '::' ? ':' : part };
      }
      return { parameter: part.slice(1).split('(', 1)[0] ?? '' };
    });
}

/** `/v1/zones/:zone` as OpenAPI writes it: `/v1/zones/{zone}`. */
export function templateOf(url: string): string {
  return routeParts(url)
    .map((part) => ('parameter' in part ? `{${part.parameter}}` : part.literal))
    .join('');
}
