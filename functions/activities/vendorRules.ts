/** An operator's rule for a vendor's file, as the plan has it: what is quarantined, by whose word, and whether somebody is asked. */
import type { VendorFileRule } from '../vendorFileSettings.ts';
import type { Attempt, Finding, ScriptStep } from './contract.ts';

const script = 'vendor-file';

/** Only the rule of the driver that the finding blames. Where it lets the file go unasked, no later attempt makes a person be asked first. */
export function withVendorRule(attempts: Attempt[], { whatFailed }: Finding, rules: VendorFileRule[]): Attempt[] {
  const blamed = whatFailed?.split('\\').at(-1)?.toLowerCase();
  const rule = rules.find(({ driver }) => driver.toLowerCase() === blamed);
  if (rule === undefined || !attempts.some(({ scripts }) => scripts.some(step => step.script === script))) return attempts;
  return attempts.map(attempt => ({
    ...attempt,
    scripts: attempt.scripts.map(step => (step.script === script ? ruled(step, rule) : relaxed(step, rule))),
  }));
}

function ruled({ consent, consentRequired, ...step }: ScriptStep, rule: VendorFileRule): ScriptStep {
  const { name, folder, files, modifiedFrom, modifiedUntil, sha256, bytes, unasked } = rule;
  const bad = [
    ...(modifiedFrom ? [`from ${modifiedFrom}`] : []),
    ...(modifiedUntil ? [`until ${modifiedUntil}`] : []),
    ...(bytes === undefined ? [] : [`of ${bytes} bytes`]),
    ...(sha256 ? [`with SHA-256 ${sha256}`] : []),
  ].join(', ');
  return {
    ...step,
    origin: 'operator-rule',
    safety: unasked ? 'auto_with_snapshot' : step.safety,
    ...(!unasked && { ...(consent !== undefined && { consent }), ...(consentRequired !== undefined && { consentRequired }) }),
    why: `The operator\u2019s rule \u201c${name}\u201d: ${files} in drivers\\${folder}, ${bad}, stops every boot.`,
    parameters: {
      ...step.parameters,
      ...{ Folder: folder, Files: files },
      ...(modifiedFrom && { FromUtc: digits(modifiedFrom) }),
      ...(modifiedUntil && { UntilUtc: digits(modifiedUntil) }),
      ...(sha256 && { Sha256: sha256 }),
      ...(bytes !== undefined && { Bytes: String(bytes) }),
    },
  };
}

/** `yyyyMMddHHmmss` */
const digits = (instant: string) => instant.replaceAll(/\D/g, '').slice(0, 14);

const relaxed = (step: ScriptStep, { unasked }: VendorFileRule): ScriptStep =>
  unasked && step.consentRequired ? { ...step, consentRequired: false } : step;
