/** A third party's programs, built from a published Go module at a pinned version. */
export interface GoPart {
  readonly name: string;
  readonly module: string;
  readonly version: string;
  /** The module's checksum, as go.sum has it; of a program of our own there is none. */
  readonly sum?: string;
  /** Import paths of the programs; each is built under the last element of its path, unless named otherwise. */
  readonly packages: readonly (string | { readonly path: string; readonly as: string })[];
  /**
   * A folder beside this file with the go.mod and go.sum that it is built with: they fix every module, and some modules
   * replace their parts by paths. It may hold a main package, `.`, which imports only what is needed.
   */
  readonly wrapper?: string;
  /** A main package of the module, copied into the wrapper without some lines: imports of what isn't needed. */
  readonly main?: { readonly file: string; readonly without: RegExp };
  /** Its packages are tests, each to be linked into a program. */
  readonly isTest?: true;
  /** Variables set when linking, by their full names, such as the version that a program tells. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Files of modules that the programs are built from, put beside them. */
  readonly files?: readonly { readonly module: string; readonly path: string }[];
}
