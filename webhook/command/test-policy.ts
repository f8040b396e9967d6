import { Command, Option } from 'commander';
import { formatFinding } from '../../document/finding.ts';
import { demand } from '../../service/demand.ts';
import { loadCases } from '../cases/load.ts';
import { printCases } from '../cases/print.ts';
import { runCases } from '../cases/run.ts';
import { StartError } from '../start-error.ts';
import { readPolicy, readText } from './policy-file.ts';
import { inkFor, writeOut } from './terminal.ts';

/**
 * `realip-webhook test --policy p.yaml --cases cases.yaml`: holds a policy against what is expected of it.
 *
 * @returns 0 when every case passes, 1 when one fails
 * @throws StartError, Problem for files that can't be read; CommanderError
 */
export async function testCommand(args: readonly string[]): Promise<number> {
  const command = new Command('realip-webhook test')
    .description('Tests a policy: each case is a pod, and what must become of it.')
    .option('--policy <file>', 'the zones and rules, as YAML')
    .option('--cases <file>', 'pods and expectations, as YAML; see docs/zones/test.md')
    .addOption(
      new Option('-o, --output <form>', 'for people or programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', '\nExit status: 0 all cases pass, 1 one fails, 2 a file can’t be read.')
    .allowExcessArguments(false)
    .exitOverride()
    .parse([...args], { from: 'user' });
  demand(command, '--policy', '--cases');
  const options = command.opts<{ policy: string; cases: string; output: 'text' | 'json' }>();
  const policy = readPolicy(options.policy);
  const loaded = loadCases(readText(options.cases));
  if (!loaded.ok) {
    throw new StartError(loaded.errors.map((error) => formatFinding(options.cases, error)));
  }
  const report = runCases(policy, loaded.cases);
  await writeOut(
    options.output === 'json'
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : printCases(report, options.cases, inkFor(process.stdout, process.env)),
  );
  return report.failed === 0 ? 0 : 1;
}
