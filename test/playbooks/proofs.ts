/** What the failure modes' folders are tried with: every `playbooks/<mode>/proof.ts`. */
import { existsSync } from 'node:fs';
import { modes } from '../../playbooks/collected.ts';
import type { Ladder, Proof, Row, TableCase } from '../../playbooks/proof.ts';

const folder = new URL('../../playbooks/', import.meta.url);
const proofs = await Promise.all(
  modes
    .filter(mode => existsSync(new URL(`${mode}/proof.ts`, folder)))
    .map(async mode => ({ mode, proof: ((await import(new URL(`${mode}/proof.ts`, folder).href)) as { proof: Proof }).proof })),
);

export const ownCases: TableCase[] = proofs.flatMap(({ proof }) => proof.cases);
export const ownLadders: Ladder[] = proofs.flatMap(({ mode, proof }) => proof.ladders.map(each => ({ playbook: mode, ...each })));
export const collectedRows: Row[] = proofs.flatMap(({ mode, proof }) =>
  proof.rows.map(({ diagnosed, ...each }) => ({
    playbook: mode,
    ...each,
    asked: { ...(!diagnosed && { playbook: mode }), ...each.asked },
  })),
);
