import type { Phrases } from './phrases.ts';

/** Italian: texts of Windows and of the machine-translated articles. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const italian: Phrases = {
  language: 'it',
  stop: [
    'si è verificato un problema nel pc',
    'ha riscontrato un problema e deve essere riavviato',
    'raccogliendo solo alcune informazioni sull errore',
  ],
  stopCode: ['codice di arresto', 'codice interruzione', 'online in un secondo momento', 'cercare online questo errore'],
  whatFailed: ['elemento non riuscito', 'elemento che ha causato l errore'],
  bootManager: ['impossibile avviare windows', 'deve essere ripristinato'],
  bootStatus: ['stato', 'codice errore', 'codice di errore'],
  updating: ['aggiornamenti in corso', 'non spegnere il pc', 'preparazione di windows', 'configurazione degli aggiornamenti'],
  undoing: ['impossibile completare gli aggiornamenti', 'annullamento delle modifiche'],
  checkingDisk: ['analisi e correzione', 'controllo del file system'],
  signIn: ['premi ctrl alt canc', 'premere ctrl alt canc', 'altro utente', 'opzioni di accesso'],
  loading: ['attendere', 'avvio di windows', 'diagnosi del pc', 'preparazione ripristino automatico', 'benvenuto'],
  bitLocker: ['ripristino bitlocker', 'immetti la chiave di ripristino'],
  recovery: ['scegli un opzione', 'non è riuscito a ripristinare il pc'],
  bootMenu: ['un sistema operativo da avviare', 'scegli un sistema operativo'],
  setupFailed: ['il computer è stato riavviato in modo imprevisto'],
};
