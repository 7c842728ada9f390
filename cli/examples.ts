/** An example or two of each verb, for its help. */
import { type Command, Help, type Option } from 'commander';

const VM = '"$(az vm show -g rg-shop -n vm-till-07 --query id -o tsv)"';
const ID = 'r-k7m2q4x5a3bd';

const examples: Record<string, string[]> = {
  demo: ['bootmedic demo', 'bootmedic demo --serve'],
  host: ['bootmedic host --port 7071'],
  ui: ['xdg-open "$(bootmedic ui)"        # macOS: open, Windows: start'],
  simulator: ['bootmedic simulator --time-scale 20', 'bootmedic simulator --rules'],
  repair: [
    `bootmedic repair ${VM} --mode observe`,
    `bootmedic repair ${VM} --consent upload-dump`,
    `bootmedic repair ${VM} --quiet || echo "look at it"`,
  ],
  plan: [`bootmedic plan ${VM}`, `bootmedic plan ${VM} --json | jq -r .plan.hash`],
  fleet: ['bootmedic fleet $(az vm list -g rg-tills --query "[].id" -o tsv)', 'bootmedic fleet f-k7m2q4x5a3bd'],
  status: ['bootmedic status', 'bootmedic status --watch', `bootmedic status ${ID} --json`],
  'reset-breaker': ['bootmedic reset-breaker 0x0000007B'],
  sweep: ['bootmedic sweep', 'bootmedic sweep --latest --json'],
  leftovers: ['bootmedic leftovers', "bootmedic leftovers --json | jq '.items[] | select(.due)'"],
  report: [`bootmedic report ${ID}`, `bootmedic report ${ID} --format html --out report.html`],
  audit: [`bootmedic audit ${ID}`, `bootmedic audit ${ID} --json | jq -r '.writes[].requestId'`],
  bundle: [`bootmedic bundle ${ID}`, `bootmedic bundle ${ID} --out case-2607.zip`],
  approve: [`bootmedic approve ${ID}`, `bootmedic approve ${ID} --plan 3f9a6c1d20be`],
  reject: [`bootmedic reject ${ID}`],
  cancel: [`bootmedic cancel ${ID}`],
  explain: ['bootmedic explain 0xC0000225', 'bootmedic explain critical process died'],
  catalogue: ['bootmedic catalogue --search bitlocker', 'bootmedic catalogue --playbook --json'],
  completion: [
    'source <(bootmedic completion bash)          # in ~/.bashrc; for zsh in ~/.zshrc',
    'bootmedic completion fish > ~/.config/fish/completions/bootmedic.fish',
    'bootmedic completion powershell | Out-String | Invoke-Expression',
  ],
};

/** From trying it to deciding on a repair: what a reader of the whole help wants first. */
const first = [
  'bootmedic demo                                        # see it at work; needs no Azure',
  'bootmedic diagnose --screenshot vm01.bmp              # files only',
  `bootmedic plan ${VM}`,
  `bootmedic repair ${VM} --mode review`,
  `bootmedic approve ${ID}`,
  `bootmedic report ${ID} --format html --out report.html`,
];

/** Appends them to the help of every verb that has some, and some to that of all. */
export function addExamples(program: Command): void {
  program.addHelpText('after', `\nExamples:\n${first.map(line => `  ${line}\n`).join('')}`);
  for (const command of program.commands) {
    const lines = examples[command.name()] ?? [];
    if (lines.length > 0)
      command.addHelpText('after', `\n${lines.length > 1 ? 'Examples' : 'Example'}:\n${lines.map(line => `  ${line}\n`).join('')}`);
  }
}

/** An option that is not given has no value, and a reader nothing from being told that it is null. */
export function described(option: Option): string {
  const text = new Help().optionDescription(option);
  return option.defaultValue === null ? text.replace(/ \(default: null\)|, default: null/, '') : text;
}
