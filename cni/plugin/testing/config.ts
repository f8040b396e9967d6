import { Fields } from '../../../core/cni/fields.ts';
import { type Config, readConfig } from '../config.ts';

/** A strict reading of a configuration, the server given. */
export function configOf(conf: Record<string, unknown> = {}): Config {
  const strict = (message: string) => {
    throw new Error(message);
  };
  const ipam = {
    type: 'realip-ipam',
    server: 'http://10.9.0.5:8080',
    ...(conf['ipam'] as object | undefined),
  };
  return readConfig(new Fields({ ...conf, ipam }, strict), '1.0.0', 'real', strict);
}
