/** Everything other rooms use of the playbooks; `catalogue.ts` alone is pure data. */
export { playbookAnswering, playbookById, playbooks, signatures } from './catalogue.ts';
export {
  bundleOperatorScript,
  longestOperatorScript,
  operatorPlaybook,
  operatorScriptId,
  readOperatorScript,
  sha256Of,
} from './operatorScript.ts';
export { judgeProbe } from './probe.ts';
export { articleIndex, restartOnce } from './restartOnce.ts';
export { parseResult } from './result.ts';
export { type BundledScript, scriptText } from './scripts.ts';
