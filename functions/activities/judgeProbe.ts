import { judgeProbe as judge } from '../../playbooks/index.ts';
import type { Activity } from './activity.ts';
import { hashOf } from './planHash.ts';

/** Another situation than the one that was approved has another hash: an approval is never used twice. */
export const judgeProbe: Activity<'judgeProbe'> = async input => {
  const judgement = judge(input);
  const { verdict, consent } = judgement;
  return { ...judgement, planHash: verdict === 'consent' ? hashOf({ plan: input.planHash, consent }) : null };
};
