/** All repairs as a table: how each stands, and below it, where there is something to tell, its one sentence. */
import { type Terminal, table, wrap } from './terminal.ts';
import { type Item, nameOf } from './views.ts';
import { doing, ending, minute } from './words.ts';

const HEADS = ['repair', 'VM', 'asked for (UTC)', 'state'];
const STATE = HEADS.indexOf('state');
/** Columns of a sentence's line; a narrower terminal breaks it once more by itself. */
const LINE = 96;

export function allRepairs(items: Item[], { paint }: Terminal): string {
  if (items.length === 0) return 'There are no repairs.\n';
  const rows = items.map(item => [item.id, nameOf(item.vmId), minute(item.requestedAt), stateOf(item)]);
  const limits = HEADS.map(() => undefined);
  const lines = table([HEADS, ...rows], limits, (cell, row, column) => {
    if (row === 0) return paint.dim(cell);
    const item = items[row - 1];
    return item && column === STATE ? colorOf(item, paint)(cell) : cell;
  }).split('\n');
  const [head, ...told] = lines.filter(line => line !== '');
  const below = (item: Item | undefined) => (item === undefined ? [] : sentence(item).map(line => `  ${paint.dim(line)}`));
  return `${[head, ...told.flatMap((line, at) => [line, ...below(items[at])])].join('\n')}\n`;
}

/** `swap: start vm01`, `repaired`. */
export function stateOf(item: Item): string {
  if (item.state === 'ended') return ending(item.outcome).words;
  return [item.phase || item.state, doing(item)].filter(text => text !== '').join(': ');
}

function colorOf({ state, outcome }: Item, paint: Terminal['paint']): (text: string) => string {
  if (state === 'ended') return { good: paint.green, warn: paint.yellow, bad: paint.red }[ending(outcome).tone];
  return state === 'waiting-approval' ? paint.yellow : paint.cyan;
}

/** While a repair is under way its state says more. */
function sentence({ state, headline }: Item): string[] {
  return (state === 'ended' || state === 'waiting-approval') && headline !== '' ? wrap(headline, LINE) : [];
}
