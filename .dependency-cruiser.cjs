/**
 * The dependency direction of docs/ARCHITECTURE.md, as rules. Data flows one way: a part never imports another
 * part, and what is pure imports nothing that talks to kernel, disk or network.
 */
const tests = '\\.test\\.ts$';
/** What the host executable does for admins, not for a runtime. */
const admins = ['^cni/command/', '^cni/preflight/', '^cni/agent/', '^cni/install/'];
const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'];

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-imports-only-core',
      comment: 'core/ is pure and on the plugin’s path: nothing of ours, nothing of npm, no I/O.',
      severity: 'error',
      from: { path: '^core/', pathNot: tests },
      to: { pathNot: '^core/' },
    },
    {
      name: 'netlink-messages-are-pure',
      severity: 'error',
      from: { path: '^netlink/message/', pathNot: tests },
      to: { pathNot: ['^netlink/message/', '^core/'] },
    },
    {
      name: 'netlink-knows-no-part',
      severity: 'error',
      from: { path: '^netlink/' },
      to: { path: '^(schema|service|document|cni|ipam-server|webhook|ctl|test)/' },
    },
    {
      name: 'schema-imports-only-core',
      severity: 'error',
      from: { path: '^schema/' },
      to: { path: '^(netlink|service|document|cni|ipam-server|webhook|ctl|test)/' },
    },
    {
      name: 'service-knows-no-part',
      severity: 'error',
      from: { path: '^service/' },
      to: { path: '^(schema|netlink|cni|ipam-server|webhook|ctl|test)/' },
    },
    {
      name: 'document-knows-no-part',
      severity: 'error',
      from: { path: '^document/', pathNot: tests },
      to: { path: '^(core|schema|service|netlink|cni|ipam-server|webhook|ctl|test)/' },
    },
    {
      name: 'parts-do-not-import-each-other',
      severity: 'error',
      from: { path: '^(cni|ipam-server|webhook|ctl)/' },
      to: { path: '^(cni|ipam-server|webhook|ctl|test)/', pathNot: '^$1/' },
    },
    {
      name: 'only-the-host-executable-uses-netlink',
      severity: 'error',
      from: { path: '^(ipam-server|webhook|ctl|service|schema|core)/' },
      to: { path: '^netlink/' },
    },
    {
      name: 'no-npm-on-the-plugins-path',
      comment: 'Each package costs milliseconds at every pod start; schema/ may lend its types only.',
      severity: 'error',
      from: { path: '^(cni|netlink|core)/', pathNot: [tests, ...admins] },
      to: { dependencyTypes: npm, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'subcommands-load-when-called',
      comment: 'What admins call may be slow to load; a pod start must not load it.',
      severity: 'error',
      from: { path: '^cni/', pathNot: [tests, ...admins] },
      to: { path: [...admins, '^document/'], dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'no-module-of-the-runtime-on-the-plugins-path',
      comment:
        'Whatever any file imports is loaded at every pod start: node:fs alone takes a millisecond. See cni/files.ts.',
      severity: 'error',
      from: { path: '^(cni|netlink|core|document)/', pathNot: [tests, '/testing/'] },
      to: { path: '^(node:|bun:|fs$|os$|path$)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'schema-lends-types-to-the-plugin',
      severity: 'error',
      from: { path: '^cni/', pathNot: [tests, '^cni/agent/'] },
      to: { path: '^(schema|service)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'pure-centres-do-no-io',
      comment: 'The ledger, the policy, the placement and its explanation decide; doors are handed to them.',
      severity: 'error',
      from: {
        path: '^(ipam-server/ledger|webhook/(policy|placement|validation|explain|cases))/',
        pathNot: tests,
      },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?util$' },
    },
    {
      name: 'the-own-ca-decides-without-doors',
      severity: 'error',
      from: { path: '^webhook/own-ca/(contents|next-step|replica|settings|view)[.]ts$' },
      to: { pathNot: '^webhook/own-ca/(contents|next-step|replica|settings|view)[.]ts$' },
    },
    {
      name: 'the-ledger-knows-no-door',
      severity: 'error',
      from: { path: '^ipam-server/ledger/', pathNot: tests },
      to: { path: '^ipam-server/', pathNot: '^ipam-server/ledger/' },
    },
    {
      name: 'policy-and-placement-know-no-door',
      severity: 'error',
      from: { path: '^webhook/(policy|placement|validation)/', pathNot: tests },
      to: { path: '^webhook/', pathNot: '^webhook/(policy|placement|validation)/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: ['^test/', tests] },
      to: { path: ['^test/', tests] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
    tsConfig: { fileName: 'tsconfig.node.json' },
  },
};
