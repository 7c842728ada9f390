// Node 24 strips the types itself: no transpiler stands between the tests and the code that runs.
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testTimeout: 60_000,
  // Two cores: the third begins while others wait for a process or a clock.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/sequencer.js',
};
