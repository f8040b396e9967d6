// CNI specification, "Parameters" and "Network configuration": one pattern for CNI_CONTAINERID and `name`.
const name = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

export function isContainerId(text: string): boolean {
  return name.test(text);
}

export function isNetworkName(text: string): boolean {
  return name.test(text);
}

/** IFNAMSIZ of the kernel is 16, the closing zero included. */
const maxIfname = 15;

/**
 * Why a text can't be an interface's name, in words that follow it, or undefined when it can
 * (net/core/dev.c `dev_valid_name`).
 */
export function faultOfIfname(text: string): string | undefined {
  if (text === '') {
    return 'is empty';
  }
  // Names are ASCII in practice; a code point above needs two to four bytes in UTF-8.
  const bytes = [...text].reduce((sum, each) => sum + bytesOf(each.codePointAt(0) ?? 0), 0);
  if (bytes > maxIfname) {
    return `is longer than ${maxIfname} bytes`;
  }
  if (text === '.' || text === '..') {
    return 'is a folder';
  }
  // `eth%d` is a pattern to the kernel (`dev_alloc_name`), which answers with an interface of some other name.
  if (text.includes('%')) {
    return 'holds "%"';
  }
  return /[/:\s\0]/.test(text) ? 'holds "/", ":" or white space' : undefined;
}

function bytesOf(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}
