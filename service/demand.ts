import type { Command, CommanderError } from 'commander';

/**
 * Refuses a command line that lacks a flag, after it was parsed: commander's own mandatory options are looked for before
 * unknown ones, so that a misspelt flag would be told as the missing one.
 *
 * @param names of options without a default, such as `--policy`
 * @throws CommanderError as commander's own would
 */
export function demand(command: Command, ...names: readonly string[]): void {
  for (const option of command.options) {
    const isWanted = option.long !== undefined && option.long !== null && names.includes(option.long);
    if (isWanted && command.getOptionValue(option.attributeName()) === undefined) {
      command.error(`error: required option '${option.flags}' not specified`, {
        code: 'commander.missingMandatoryOptionValue',
      });
    }
  }
}

/** What commander refuses, without its prefix, and with its suggestion in the same line. */
export function oneLine({ message }: CommanderError): string {
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}
