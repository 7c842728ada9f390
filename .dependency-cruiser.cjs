// Who may import whom: the house's arrows (an arrow is an import). `npm run lint` and test/house.test.ts read this file.
const rooms = [
  'functions',
  'orchestrations',
  'diagnosis',
  'ocr',
  'playbooks',
  'azure',
  'records',
  'report',
  'host',
  'cli',
  'simulator',
  'explorer',
];
const only = (room, ...allowed) => ({
  name: `${room}-imports-only`,
  comment: `${room}/ may import only: ${[room, ...allowed].join(', ')}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: { path: `^(${rooms.join('|')})/`, pathNot: `^(${[room, ...allowed].join('|')})/`, dependencyTypesNot: ['type-only'] },
});

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'not-resolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^@azure/functions-core$' } },
    {
      name: 'product-never-imports-its-stand-ins',
      comment:
        'The product does not know whether it runs on Azure or on the embedded host, nor whether it talks to Azure or to the simulator.',
      severity: 'error',
      from: { path: '^(functions|orchestrations|diagnosis|ocr|playbooks|azure|records|report)/' },
      to: { path: '^(simulator|host|cli)/' },
    },
    {
      name: 'nobody-imports-the-explorer',
      comment: 'It holds host, simulator and product in one process, and may look into all of them; nothing rests on it.',
      severity: 'error',
      from: { path: `^(${rooms.filter(room => room !== 'explorer').join('|')})/` },
      to: { path: '^explorer/' },
    },
    {
      name: 'simulator-knows-nothing-of-the-product',
      severity: 'error',
      from: { path: '^simulator/' },
      to: { path: `^(${rooms.filter(room => room !== 'simulator').join('|')})/` },
    },
    {
      name: 'orchestrations-take-only-types',
      comment: 'A runbook is deterministic: from other rooms it may take types of activities, diagnosis and playbooks, nothing that runs.',
      severity: 'error',
      from: { path: '^orchestrations/' },
      to: { path: `^(${rooms.filter(room => room !== 'orchestrations').join('|')})/`, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'orchestrations-take-types-of-three-rooms',
      severity: 'error',
      from: { path: '^orchestrations/' },
      to: { path: `^(${rooms.join('|')})/`, pathNot: '^(orchestrations|functions/activities|diagnosis|playbooks)/' },
    },
    {
      name: 'orchestrations-have-no-io',
      severity: 'error',
      from: { path: '^orchestrations/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-the-interpreter-knows-durable-functions',
      severity: 'error',
      from: { path: '^orchestrations/', pathNot: '^orchestrations/durable\\.ts$' },
      to: { path: 'node_modules' },
    },
    {
      name: 'only-azure-talks-to-azure',
      severity: 'error',
      from: { path: '^(functions|orchestrations|diagnosis|ocr|playbooks|records|report|host|cli)/' },
      to: { path: 'node_modules/@azure/(arm-|identity|storage-|core-)' },
    },
    {
      name: 'diagnosis-and-report-are-pure',
      severity: 'error',
      from: { path: '^(diagnosis|report)/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(buffer|crypto)$' },
    },
    only('functions', 'orchestrations', 'records', 'report', 'azure', 'ocr', 'diagnosis', 'playbooks'),
    only('diagnosis', 'playbooks'),
    only('ocr'),
    only('playbooks'),
    only('azure'),
    only('records', 'azure', 'diagnosis'),
    only('report', 'records', 'diagnosis'),
    only('host'),
    only('cli', 'ocr', 'diagnosis', 'playbooks', 'report', 'records'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'require', 'node', 'default', 'types'] },
  },
};
