import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fields } from '../../core/cni/fields.ts';
import { readConfig, unknownKeys } from './config.ts';
import { readIpamPluginConfig, refuseIpamPlugin, unknownIpamKeys } from './ipam-plugin/config.ts';
import { refuse } from './refusals.ts';
import { roleOf } from './role.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/cni.md'), 'utf8');
const examples = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => JSON.parse(text));

function strict(message: string): never {
  throw new Error(message);
}

test('the page has examples', () => {
  expect(examples.length).toBeGreaterThan(3);
});

test.each(examples.map((example) => [JSON.stringify(example), example]))(
  'docs/cni.md: %s is accepted',
  (_, example) => {
    const [conf] = example.plugins ?? [example];
    const ipam = conf.ipam ?? { type: 'realip-ipam', server: 'http://10.9.0.5:8080' };
    const fields = new Fields({ ...conf, ipam }, strict);
    if (roleOf(new Fields({ type: 'realip', ...conf, ipam }, strict), 'realip') === 'ipam') {
      expect(unknownIpamKeys(fields)).toEqual([]);
      refuseIpamPlugin(readIpamPluginConfig(fields, '1.0.0', 'real', strict));
    } else {
      expect(unknownKeys(fields)).toEqual([]);
      refuse(readConfig(fields, '1.0.0', 'real', strict));
    }
  },
);
