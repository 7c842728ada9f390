import type { Phrases } from './phrases.ts';

/** Swedish: texts of Windows and of the machine-translated articles. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const swedish: Phrases = {
  language: 'sv',
  stop: [
    'och den måste startas om',
    'stötte på ett problem och måste startas om',
    'samlar bara in lite information om felet',
    'samlat in felinformation',
  ],
  stopCode: ['stoppkod', 'efter det här felet'],
  whatFailed: ['vad som misslyckades', 'vad misslyckades'],
  bootManager: ['windows starthanteraren', 'det gick inte att starta windows', 'måste repareras'],
  bootStatus: ['status', 'felkod'],
  updating: [
    'arbetar med uppdateringar',
    'stäng inte av datorn',
    'förbereder windows',
    'uppdateringar pågår',
    'konfigurerar windows uppdateringar',
    'gör windows klart',
  ],
  undoing: ['ångrar ändringar', 'inte slutföra uppdateringarna', 'ändringar återställs'],
  checkingDisk: ['genomsöker och reparerar', 'kontrollerar filsystemet på'],
  signIn: ['tryck på ctrl alt delete', 'annan användare', 'inloggningsalternativ'],
  loading: ['vänta', 'startar windows', 'diagnostiserar datorn', 'förbereder automatisk reparation', 'välkommen'],
  bitLocker: ['bitlocker återställning', 'ange återställningsnyckeln'],
  recovery: ['välj ett alternativ', 'det gick inte att reparera datorn'],
  bootMenu: ['välj vilket operativsystem', 'välj ett operativsystem'],
  setupFailed: ['datorn startades om oväntat'],
};
