/**
 * Long test files first, so that none of them is begun when the other worker has nothing left to do. jest knows which they are from its last run
 * alone; a clean checkout has none, and jest then goes by the files' size.
 */
import Sequencer from '@jest/test-sequencer';
import { longestFirst } from './longest.ts';

export default class LongestFirst extends Sequencer {
  async sort(tests) {
    return longestFirst(await super.sort(tests));
  }
}
