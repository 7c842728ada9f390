/** What is measured, against the limits that issue 9 sets; those of `calls-first-in-region`, `lag-scripts-p50` and `per-vm-calls` are our own. */

export interface Figure {
  id: string;
  what: string;
  value: number;
  unit: string;
  limit: number;
  /** value / limit; 1 or less = met, unless the goal says otherwise. */
  ratio: number;
  goal: string;
  met: boolean;
}

interface Goal {
  what: string;
  unit: string;
  limit: number;
  goal: string;
}

const goals = {
  overhead: {
    what: 'one repair while Azure takes no time and pictures are read already: wall time from request to end',
    unit: 's',
    limit: 1,
  },
  'versus-az': { what: 'one repair at median service times ÷ az vm repair, stop and start doing the same', unit: '×', limit: 0.75 },
  path: { what: 'one repair at median service times, until the guest’s first Ready ÷ the path of its operations', unit: '×', limit: 1.1 },
  'calls-until-verify': { what: 'Azure calls at median service times until verify begins', unit: '', limit: 60 },
  'calls-in-all': { what: 'Azure calls at median service times in all', unit: '', limit: 90 },
  'calls-first-in-region': {
    what: 'the same, the first repair of a region and process, which makes its network and learns tokens, sizes, permissions',
    unit: '',
    limit: 95,
  },
  'writes-unplanned': { what: 'writes that the plan does not name, or more often than it says', unit: '', limit: 0 },
  'lag-p50': { what: 'from the end of a service’s operation to our next step, drawn service times, median', unit: 's', limit: 2 },
  'lag-p95': { what: 'the same, p95', unit: 's', limit: 5 },
  'lag-scripts-p50': { what: 'from the end of a script in the guest to our next step, median', unit: 's', limit: 15 },
  'per-vm-calls': {
    what: 'most calls of one minute that count against one VM’s read limit (12 a minute, 36 at once)',
    unit: '',
    limit: 12,
  },
  'fleet-100': { what: '100 repairs at once, throttled: makespan ÷ what throttles and durations set', unit: '×', limit: 1.3 },
  'fleet-100-429': { what: '100 repairs at once: 429s among all calls', unit: '%', limit: 1 },
  'fleet-1000': { what: '1,000 repairs at once, throttled: makespan ÷ what throttles and durations set', unit: '×', limit: 1.5 },
  'fleet-1000-memory': {
    what: '1,000 repairs at once: memory of the host: an idle process, and what its death at the height sets free',
    unit: 'MB',
    limit: 512,
  },
  history: { what: 'history of one repair', unit: 'KB', limit: 128 },
  'last-turn': { what: 'CPU of the last turn of its orchestrator', unit: 'ms', limit: 5 },
  'cold-start': { what: 'cold start of the deployed bundle', unit: 'ms', limit: 150 },
  'cold-start-ratio': { what: 'cold start of the bundle ÷ of sources with node_modules', unit: '×', limit: 0.25 },
  screenshot: { what: 'screenshot to stop code, median', unit: 's', limit: 0.7 },
  'npm-start': { what: 'npm start, after npm ci: five VMs diagnosed and repaired, until the prompt is back', unit: 's', limit: 60 },
  'npm-test': { what: 'npm test, after npm ci', unit: 's', limit: 600 },
  'serial-log': { what: '10 MB of serial log to stop code', unit: 's', limit: 0.5 },
} satisfies Record<string, Omit<Goal, 'goal'>>;

export type FigureId = keyof typeof goals;
export const figureIds = Object.keys(goals);

/** What grows with whatever else the machine does: no reason to fail on a slow one. The others come out the same everywhere. */
export const ofMachine: FigureId[] = [
  'overhead',
  'last-turn',
  'cold-start',
  'cold-start-ratio',
  'screenshot',
  'serial-log',
  'fleet-1000-memory',
  'npm-start',
  'npm-test',
];

export function figure(id: FigureId, value: number): Figure {
  const { what, unit, limit } = goals[id];
  const rounded = Number(value.toPrecision(4));
  const ratio = limit === 0 ? rounded : Number((rounded / limit).toPrecision(3));
  return { id, what, value: rounded, unit, limit, ratio, goal: `≤ ${limit}${unit === '' ? '' : ` ${unit}`}`, met: value <= limit };
}
