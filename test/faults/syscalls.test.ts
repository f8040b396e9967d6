import { join } from 'node:path';
import type { Answer } from '../kernel/plugin.ts';
import { describeFault, type Fault, isKill, Tracer } from './injection.ts';
import { Stage } from './stage.ts';

const isWhole = process.env['REALIP_FAULTS'] === 'all';
const day = Math.floor(Date.now() / 86_400_000);
const sampleSize = 40;

/** Every fault with REALIP_FAULTS=all, otherwise some, evenly spread; which ones changes from day to day. */
function chosen(faults: readonly Fault[]): Fault[] {
  const step = isWhole ? 1 : Math.ceil(faults.length / sampleSize);
  return faults.filter((_, index) => index % step === day % step);
}

let stage: Stage;
let tracer: Tracer;
beforeAll(async () => {
  stage = await Stage.open();
  tracer = new Tracer(stage.plugin, join(stage.folder, 'trace'));
});
afterAll(() => stage?.close());

/** The next pod of the node works, host and ledger included, and goes without a trace. */
function expectWorkingNode(id: string): string[] {
  const { plugin, network } = stage;
  const pod = network.pod(id);
  const { status, json, stderr } = plugin.add(id, pod);
  const faults = status === 0 ? [] : [`the next ADD: ${stderr}${JSON.stringify(json)}`];
  if (status === 0 && !network.node.reaches(json.ips[0].address.replace(/\/.*/, ''))) {
    faults.push('the node does not reach its next pod');
  }
  plugin.del(id, pod.path);
  pod.remove();
  return faults;
}

/** One JSON object with a code; only a plugin that can't get out of the pod's namespace ends at once, without one. */
function faultsOfFailure({ status, json, stdout, stderr }: Answer, fault: Fault): string[] {
  const isFine = status === 70 ? stderr.includes('I stop here') : status === 1 && json?.code > 0;
  const isSilenced = fault.syscall === 'write' && status === 1 && stdout === '';
  return isSilenced || (isKill(fault) && status === null) || isFine
    ? []
    : [`status ${status}: ${stdout}${stderr}`];
}

test('after an ADD with a fault at any system call and its DEL nothing is left, and the node works', () => {
  const { plugin, network, ipam } = stage;
  const clean = network.pod('clean');
  const call = { command: 'ADD', id: 'clean', netns: clean.path };
  const { answer, faults } = tracer.faultsOf(call, /AF_NETLINK/);
  expect(answer.status).toBe(0);
  plugin.del('clean', clean.path);
  stage.dropShim();
  const wrong: string[] = [];
  let met = 0;
  for (const [index, fault] of chosen(faults).entries()) {
    const id = `a${index}`;
    const pod = network.pod(id);
    const { answer: faulty, wasMet } = tracer.suffer({ command: 'ADD', id, netns: pod.path }, fault);
    met += wasMet ? 1 : 0;
    const note = (words: string[]) => wrong.push(...words.map((each) => `${describeFault(fault)}: ${each}`));
    if (faulty.status === 0) {
      note(network.node.reaches(faulty.json.ips[0].address.replace(/\/.*/, '')) ? [] : ['no pod though 0']);
    } else {
      note(faultsOfFailure(faulty, fault));
    }
    const del = plugin.del(id, pod.path);
    note(del.status === 0 ? [] : [`DEL: ${del.stdout}`]);
    note(stage.leftovers(pod));
    pod.remove();
    note(expectWorkingNode(`n${index}`));
    stage.dropShim();
  }
  console.log(`ADD: ${faults.length} faults, ${chosen(faults).length} tried, ${met} met`);
  expect(wrong).toEqual([]);
  expect(ipam.holders()).toEqual([]);
}, 1_200_000);

test('after a DEL with a fault at any system call nothing is left, or it says that it must be called again', () => {
  const { plugin, network, ipam } = stage;
  const clean = network.pod('gone');
  expect(plugin.add('gone', clean).status).toBe(0);
  const { answer, faults } = tracer.faultsOf(
    { command: 'DEL', id: 'gone', netns: clean.path },
    /netns|AF_NETLINK/,
  );
  expect(answer.status).toBe(0);
  const wrong: string[] = [];
  let met = 0;
  for (const [index, fault] of chosen(faults).entries()) {
    const id = `d${index}`;
    const pod = network.pod(id);
    const added = plugin.add(id, pod);
    expect(added.status).toBe(0);
    const call = { command: 'DEL', id, netns: pod.path, conf: { prevResult: added.json } };
    const { answer: faulty, wasMet } = tracer.suffer(call, fault);
    met += wasMet ? 1 : 0;
    const note = (words: string[]) => wrong.push(...words.map((each) => `${describeFault(fault)}: ${each}`));
    if (faulty.status !== 0) {
      note(faultsOfFailure(faulty, fault));
      const again = plugin.call(call);
      note(again.status === 0 ? [] : [`DEL again: ${again.stdout}`]);
    }
    note(stage.leftovers(pod));
    // A runtime that has got its 0 removes the namespace and never asks again.
    pod.remove();
    note(stage.leftovers());
    note(expectWorkingNode(`m${index}`));
    stage.dropShim();
  }
  console.log(`DEL: ${faults.length} faults, ${chosen(faults).length} tried, ${met} met`);
  expect(wrong).toEqual([]);
  expect(ipam.holders()).toEqual([]);
}, 1_200_000);
