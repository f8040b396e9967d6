import { Command, InvalidArgumentError, Option } from 'commander';
import { Problem } from '../../core/problem/problem.ts';
import { demand } from '../../service/demand.ts';
import { printReport } from '../explain/print.ts';
import { readObjects } from '../explain/read-objects.ts';
import { reportOn } from '../explain/report.ts';
import { type Given, type Subjects, subjectsOf } from '../explain/subjects.ts';
import { isLabelKey, isLabelValue } from '../policy/label-syntax.ts';
import type { Texts } from '../policy/pod.ts';
import { StartError } from '../start-error.ts';
import { readPolicy, readText } from './policy-file.ts';
import { inkFor, writeOut } from './terminal.ts';

interface Options {
  readonly policy: string;
  readonly namespace?: string;
  readonly namespaceLabels?: Texts;
  readonly output: 'text' | 'json';
}

/**
 * `realip-webhook explain --policy p.yaml pod.yaml`: what the webhook would do with pods, and why.
 *
 * @returns 0 when all pods would be created, 1 when one would be denied
 * @throws StartError, Problem for input that can't be read; CommanderError
 */
export async function explainCommand(args: readonly string[]): Promise<number> {
  const command = new Command('realip-webhook explain')
    .description(
      'Says which zone pods would be placed in, why, and what would be changed. It changes nothing.',
    )
    .argument('<files...>', 'Pods, workloads, Lists, AdmissionReviews, as YAML or JSON; - is standard input')
    .option('--policy <file>', 'the zones and rules, as YAML')
    .option('--namespace <name>', 'of objects that name none; "default" without')
    .option(
      '--namespace-labels <k=v,...>',
      'labels of their namespace, where no Namespace among them has them',
      labels,
    )
    .addOption(
      new Option('-o, --output <form>', 'for people or programs').choices(['text', 'json']).default('text'),
    )
    .addHelpText(
      'after',
      '\nExit status: 0 all pods are created, 1 one is denied, 2 something can’t be read.',
    )
    .exitOverride()
    .parse([...args], { from: 'user' });
  demand(command, '--policy');
  const options = command.opts<Options>();
  const policy = readPolicy(options.policy);
  const found = readSubjects(command.args, options);
  const report = reportOn(policy, found);
  await writeOut(
    options.output === 'json'
      ? `${JSON.stringify(report, undefined, 2)}\n`
      : printReport(report, inkFor(process.stdout, process.env)),
  );
  return report.allowed ? 0 : 1;
}

/** @throws StartError with `file:line: reason` */
function readSubjects(files: readonly string[], given: Given): Subjects {
  const nameOf = (file: string) => (file === '-' ? 'stdin' : file);
  try {
    const sources = files.flatMap((file) => readObjects(readText(file), nameOf(file)));
    const found = subjectsOf(sources, given);
    if (found.subjects.length > 0) {
      return found;
    }
  } catch (error) {
    throw error instanceof Problem ? new StartError([error.message, error.kind.advice]) : error;
  }
  throw new StartError(files.map((file) => `${nameOf(file)}:1: there is no pod in it`));
}

/** @throws InvalidArgumentError, which commander tells */
function labels(text: string): Texts {
  const pairs = text.split(',').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key = '', value, ...rest] = pair.split('=');
      if (value === undefined || rest.length > 0 || !isLabelKey(key) || !isLabelValue(value)) {
        throw new InvalidArgumentError(`"${pair}" is no label of the form key=value.`);
      }
      return [key, value];
    }),
  );
}
