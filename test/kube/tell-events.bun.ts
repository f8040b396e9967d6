import { kubePlace, openKubeEvents } from '../../cni/agent/kube/api-server.bun.ts';

// The agent's door to Kubernetes, driven by lines on standard input: [pod, reason, message, milliseconds later].
let now = Date.now();
const events = openKubeEvents(kubePlace(process.env), {
  node: 'n1',
  lost: (reason) => console.log(`lost: ${reason}`),
  now: () => now,
});
console.log('ready');
for await (const line of console) {
  const [pod, reason, message, later] = JSON.parse(line);
  now += later;
  const before = performance.now();
  events.warn(pod, reason, message);
  console.log(`told in ${(performance.now() - before).toFixed(1)} ms`);
}
