// Node 24 strips the types itself: no transpiler stands between the tests and the code that runs.
const { BOOTMEDIC_TABLES, BOOTMEDIC_FAULTS } = process.env;
/** Minutes each: `npm run tables` and `npm run scripts:faults` run them, and `.ci/run` both. Beside the latter, scriptFaults is in each run. */
const apart = BOOTMEDIC_TABLES || BOOTMEDIC_FAULTS ? [] : ['/end-to-end/deaths', '/end-to-end/powershell', '/playbooks/everyFault'];
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...apart],
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  // For what hangs: a machine that has much else to do may take minutes for what takes seconds.
  testTimeout: 300_000,
  // Two cores: the others go on while some wait for a process or a clock.
  maxWorkers: 4,
  // A worker that nothing holds any more has a gigabyte to take down, which on a busy machine takes longer than the half second it usually has.
  workerGracefulExitTimeout: 30_000,
  testSequencer: '<rootDir>/test/sequencer.js',
};
