import type { Phrases } from './phrases.ts';

/** German. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const german: Phrases = {
  language: 'de',
  stop: [
    'ist ein problem aufgetreten er muss neu gestartet werden',
    'einige fehlerinformationen gesammelt',
    'ein problem wurde festgestellt windows wurde heruntergefahren',
  ],
  stopCode: ['stillstandcode', 'stoppcode', 'nach diesem fehler suchen'],
  whatFailed: ['fehlerursache', 'fehler bei'],
  bootManager: ['windows start manager', 'fehler beim starten von windows', 'muss repariert werden'],
  bootStatus: ['status', 'fehlercode'],
  updating: [
    'updates werden verarbeitet',
    'schalten sie den computer nicht aus',
    'schalten sie ihren pc nicht aus',
    'windows wird vorbereitet',
    'updates werden konfiguriert',
    'updates werden installiert',
  ],
  undoing: ['updates konnten nicht abgeschlossen werden', 'änderungen werden rückgängig gemacht'],
  checkingDisk: ['wird überprüft und repariert', 'dateisystem wird überprüft'],
  signIn: ['drücken sie strg alt entf', 'strg alt entf drücken', 'anderer benutzer', 'anmeldeoptionen'],
  loading: ['bitte warten', 'windows wird gestartet', 'diagnose des pcs', 'automatische reparatur wird vorbereitet', 'willkommen'],
  bitLocker: ['bitlocker wiederherstellung', 'geben sie den wiederherstellungsschlüssel'],
  recovery: ['option auswählen', 'ihr pc konnte nicht repariert werden', 'nicht ordnungsgemäß gestartet'],
  bootMenu: ['das zu startende betriebssystem', 'betriebssystem auswählen'],
  setupFailed: ['der computer wurde unerwartet neu gestartet'],
};
