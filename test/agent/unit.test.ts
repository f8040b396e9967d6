import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { realip } from './installer.ts';
import { Program } from './program.ts';
import { Site } from './site.ts';

const unit = readFileSync(new URL('../../manifests/systemd/realip-agent.service', import.meta.url), 'utf8');

/** The values of a key of the unit. */
function valuesOf(key: string): string[] {
  return unit
    .split('\n')
    .filter((line) => line.startsWith(`${key}=`))
    .flatMap((line) => line.slice(key.length + 1).split(' '));
}

test('systemd finds nothing wrong with the unit', () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-unit-'));
  const file = join(folder, 'realip-agent.service');
  writeFileSync(file, unit.replace('/usr/local/bin/realip', realip));
  const { status, stdout, stderr, error } = spawnSync('systemd-analyze', ['verify', file], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  expect({ status, said: `${stdout}${stderr}`, error }).toEqual({ status: 0, said: '', error: undefined });
});

test('the agent does its work with the capabilities that the unit gives it, and no others', async () => {
  const site = await Site.open({ cooldownSeconds: 0 });
  const { node } = site;
  const capabilities = valuesOf('CapabilityBoundingSet').map((each) =>
    each.replace('CAP_', '').toLowerCase(),
  );
  expect(capabilities).toContain('net_admin');
  const bounds = ['-all', ...capabilities.map((each) => `+${each}`)].join();
  const agent = new Program(
    node.host,
    ['setpriv', `--bounding-set=${bounds}`, '--no-new-privs', ...node.agentCommand()],
    join(site.folder, 'bound.log'),
  );
  try {
    await until('its socket accepts', () => existsSync(node.socket));
    await until('addresses are ready', () => node.ready().length > 0, 20_000);
    const status = readFileSync(`/proc/${agent.pid}/status`, 'utf8');
    expect(/^CapEff:\t(\w+)/m.exec(status)?.[1]).toBe(maskOf(capabilities));
    const pods = ['a', 'b'].map((name) => site.network.pod(name));
    for (const [at, pod] of pods.entries()) {
      expect(node.plugin.add(`c${at}`, pod)).toMatchObject({ status: 0 });
    }
    expect(pods[0]?.reaches('10.9.0.1')).toBe(true);
    expect(node.plugin.del('c0', pods[0]?.path ?? '').status).toBe(0);
    expect(pods[0]?.ask('link show eth0')).toEqual([]);
    // Nobody calls DEL for this one: the agent must see by itself that it has gone.
    pods[1]?.remove();
    const held = async () => (await site.server.ask('GET', `/v1/allocations?node=${node.name}`)).items.length;
    await until('the lost pod’s address is released', async () => (await held()) === 0, 60_000);
    expect(agent.output).not.toMatch(/EPERM|EACCES|not permitted|could not look/);
  } catch (error) {
    throw new Error(`${error}\n${agent.output}`);
  } finally {
    await agent.end('SIGTERM');
    await site.close();
  }
});

/** As /proc/PID/status prints them (<linux/capability.h>). */
function maskOf(names: readonly string[]): string {
  const numbers: Record<string, bigint> = { net_admin: 12n, net_raw: 13n, sys_ptrace: 19n, sys_admin: 21n };
  const mask = names.reduce((sum, name) => sum | (1n << (numbers[name] ?? 63n)), 0n);
  return mask.toString(16).padStart(16, '0');
}
