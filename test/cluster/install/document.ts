/** A headed part of a page, with the shell commands that it tells to run. */
export interface Section {
  readonly title: string;
  readonly commands: string;
}

/** The sections of a page with blocks of plain `sh`; a block with another word (```sh office) is for elsewhere. */
export function sectionsOf(page: string): Section[] {
  return page
    .split(/^## /m)
    .slice(1)
    .map((text) => {
      const [title = ''] = text.split('\n');
      const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
      return { title, commands: blocks.join('') };
    })
    .filter(({ commands }) => commands !== '');
}
