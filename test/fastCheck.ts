/**
 * fast-check with the same inputs each time: whether a commit passes does not depend on luck. `FAST_CHECK_SEED=fresh npm test` tries others,
 * and what it finds names its seed: `FAST_CHECK_SEED=439441401 npm test -- test/borders`. Not a test itself.
 */
import fc from 'fast-check';

const { FAST_CHECK_SEED: seed = '20261127' } = process.env;
if (seed !== 'fresh') fc.configureGlobal({ seed: Number(seed) });

export { default } from 'fast-check';
