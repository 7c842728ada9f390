import { judgeProbe as judge } from '../../playbooks/index.ts';
import type { Activity } from './activity.ts';

export const judgeProbe: Activity<'judgeProbe'> = async input => judge(input);
