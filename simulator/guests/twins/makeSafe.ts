import { newDiskPolicy, scanExclusions, setNewDiskPolicy, setScanExclusions } from '../commands/settings.ts';
import { type End, ScriptFailure, type Session } from './session.ts';

const ROOTS = [...'EFGHIJKLMNOPQRSTUVWXYZ'].map(letter => `${letter}:\\`);

export function makeSafe(session: Session): End {
  if (session.mode === 'Revert') return { outcome: 'not-applicable', code: 'no-revert' };
  const changes = [setPolicy(session), exclude(session)];
  if (!changes.includes(true)) return { outcome: 'nothing-to-do', code: 'safe' };
  return session.mode === 'Detect' ? { outcome: 'nothing-to-do', code: 'would-change' } : { outcome: 'fixed', code: 'safe' };
}

function setPolicy(session: Session): boolean {
  const before = newDiskPolicy(session.computer);
  if (before === 'OfflineAll') return false;
  if (session.mode === 'Detect') return true;
  setNewDiskPolicy(session.computer, 'OfflineAll');
  const after = newDiskPolicy(session.computer);
  if (after !== 'OfflineAll') throw new ScriptFailure('disk-policy-not-set', `new disks would still be handled as ${after}`);
  session.act({ what: 'set the policy for new disks', target: 'repair VM', before, after, revertable: false });
  return true;
}

function exclude(session: Session): boolean {
  const listed = scanExclusions(session.computer);
  const missing = ROOTS.filter(root => !listed.includes(root));
  if (missing.length === 0) return false;
  if (session.mode === 'Detect') return true;
  setScanExclusions(session.computer, missing, true);
  const after = `${missing.length} drives`;
  session.act({ what: "excluded from Defender's scans", target: 'repair VM, E:\\ to Z:\\', before: null, after, revertable: false });
  return true;
}
