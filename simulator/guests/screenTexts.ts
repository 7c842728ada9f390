/** Words of the console, by display language. */
import { LANGUAGES, type Language } from './builds.ts';

export interface StopTexts {
  /** The stop screen's lines. */
  sentence: string[];
  complete: (percent: number) => string;
  visit: string;
  call: string;
  stopCode: string;
  whatFailed: string;
}

interface Words {
  stop: StopTexts;
  updating: (percent: number) => string[];
  undoing: string[];
  checking: (percent: number) => string;
  signIn: string;
}

const STOP_URL = 'https://www.windows.com/stopcode';

/**
 * English: as on Windows Server 2016 to 2022. The others are as near as public pictures and articles allow: no authoritative list of
 * these strings was found. Codes and file names are the same in every language.
 */
const WORDS: Record<Language, Words> = {
  'en-US': {
    stop: {
      sentence: ['Your PC ran into a problem and needs to restart.', "We're just collecting some error info, and then you can", 'restart.'],
      complete: percent => `${percent}% complete`,
      visit: `For more information about this issue and possible fixes, visit ${STOP_URL}`,
      call: 'If you call a support person, give them this info:',
      stopCode: 'Stop code: ',
      whatFailed: 'What failed: ',
    },
    updating: percent => [`Working on updates`, `${percent}% complete`, "Don't turn off your computer"],
    undoing: ["We couldn't complete the updates", 'Undoing changes', "Don't turn off your computer"],
    checking: percent => `Scanning and repairing drive (C:): ${percent}% complete`,
    signIn: 'Press Ctrl+Alt+Delete to unlock.',
  },
  'nl-NL': {
    stop: {
      sentence: [
        'Er is een probleem opgetreden op de pc en deze moet',
        'opnieuw worden opgestart. We verzamelen enkele',
        'foutgegevens, waarna u de pc opnieuw kunt opstarten.',
      ],
      complete: percent => `${percent}% voltooid`,
      visit: `Ga voor meer informatie over dit probleem en mogelijke oplossingen naar ${STOP_URL}`,
      call: 'Als u de ondersteuning belt, geeft u deze informatie door:',
      stopCode: 'Stopcode: ',
      whatFailed: 'Wat is er mislukt: ',
    },
    updating: percent => ['Bezig met updates', `${percent}% voltooid`, 'Schakel de computer niet uit'],
    undoing: ['De updates kunnen niet worden voltooid', 'Wijzigingen worden ongedaan gemaakt', 'Schakel de computer niet uit'],
    checking: percent => `Station (C:) wordt gescand en hersteld: ${percent}% voltooid`,
    signIn: 'Druk op Ctrl+Alt+Delete om te ontgrendelen.',
  },
  'sv-SE': {
    stop: {
      sentence: ['Ett problem uppstod och datorn måste startas om.', 'Vi samlar in lite felinformation och sedan kan du', 'starta om.'],
      complete: percent => `${percent} % klart`,
      visit: `Mer information om problemet och möjliga lösningar finns på ${STOP_URL}`,
      call: 'Om du ringer support ska du ge dem den här informationen:',
      stopCode: 'Stoppkod: ',
      whatFailed: 'Det som misslyckades: ',
    },
    updating: percent => ['Arbetar med uppdateringar', `${percent} % klart`, 'Stäng inte av datorn'],
    undoing: ['Det gick inte att slutföra uppdateringarna', 'Ändringarna ångras', 'Stäng inte av datorn'],
    checking: percent => `Söker igenom och reparerar enhet (C:): ${percent} % klart`,
    signIn: 'Tryck på Ctrl+Alt+Delete för att låsa upp.',
  },
  'it-IT': {
    stop: {
      sentence: [
        'Si è verificato un problema nel PC ed è necessario',
        'riavviarlo. Vengono raccolte alcune informazioni',
        "sull'errore, quindi sarà possibile riavviare.",
      ],
      complete: percent => `${percent}% completato`,
      visit: `Per altre informazioni sul problema e sulle possibili soluzioni, visitare ${STOP_URL}`,
      call: "Se si contatta l'assistenza tecnica, fornire queste informazioni:",
      stopCode: 'Codice di interruzione: ',
      whatFailed: 'Elemento non riuscito: ',
    },
    updating: percent => ['Aggiornamenti in corso', `${percent}% completato`, 'Non spegnere il computer'],
    undoing: ['Impossibile completare gli aggiornamenti', 'Annullamento delle modifiche in corso', 'Non spegnere il computer'],
    checking: percent => `Analisi e correzione unità (C:): ${percent}% completato`,
    signIn: 'Premi Ctrl+Alt+Canc per sbloccare.',
  },
  'zh-CN': {
    stop: {
      sentence: ['你的电脑遇到问题，需要重新启动。', '我们只收集某些错误信息，然后你可以重新启动。'],
      complete: percent => `${percent}% 完成`,
      visit: `有关此问题的详细信息和可能的解决方法，请访问 ${STOP_URL}`,
      call: '如果致电支持人员，请向他们提供以下信息:',
      stopCode: '终止代码: ',
      whatFailed: '失败的操作: ',
    },
    updating: percent => ['正在进行更新', `已完成 ${percent}%`, '请不要关闭计算机'],
    undoing: ['我们无法完成更新', '正在撤销更改', '请不要关闭计算机'],
    checking: percent => `正在扫描和修复驱动器 (C:): 已完成 ${percent}%`,
    signIn: '按 Ctrl+Alt+Delete 解锁。',
  },
};

/** The words of a language; of English where the language is none of ours. */
export function wordsOf(language: string): Words {
  return WORDS[LANGUAGES.find(known => known === language) ?? 'en-US'];
}

export function stopTexts(language: string): StopTexts {
  return wordsOf(language).stop;
}
