/** Paths of the test files that take long, longest first: what they run is processes, or many repairs. */
export const long = [
  'end-to-end/powershell',
  'playbooks/cases',
  'end-to-end/matrix',
  'end-to-end/main',
  'triggers/storm',
  'end-to-end/people',
  'host/crash',
  'explorer/slice',
  'end-to-end/faults',
  'simulator/guests/powershell',
  'playbooks/scripts',
  'playbooks/scriptFaults',
  'end-to-end/crash',
  'end-to-end/playbooks',
  'report/offline',
  'end-to-end/burst',
  'end-to-end/leftovers',
  'end-to-end/telemetry',
  'playbooks/playbookFaults',
  'simulator/guesses',
  'playbooks/hives',
  'report/weight',
  'explorer/soak',
  'explorer/inReview',
  'playbooks/upload',
  'triggers/api',
  'triggers/ui',
  'playbooks/prelude',
  'cli/reading',
  'diagnosis/screen',
  'house',
  'playbooks/rules',
].map(name => new URL(`${name}.test.ts`, import.meta.url).pathname);

export function longestFirst<T extends { path: string }>(tests: T[]): T[] {
  const rank = ({ path }: T) => (long.includes(path) ? long.indexOf(path) : long.length);
  return tests.toSorted((a, b) => rank(a) - rank(b));
}
