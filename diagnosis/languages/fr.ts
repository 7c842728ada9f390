import type { Phrases } from './phrases.ts';

/** French. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const french: Phrases = {
  language: 'fr',
  stop: [
    'a rencontré un problème et doit redémarrer',
    'nous collectons simplement des informations',
    'un problème a été détecté et windows a été arrêté',
  ],
  stopCode: ['code d arrêt', 'en ligne cette erreur'],
  whatFailed: ['échec de', 'ce qui a échoué'],
  bootManager: ['gestionnaire de démarrage windows', 'windows n a pas pu démarrer', 'doit être réparé'],
  bootStatus: ['statut', 'état', 'code d erreur'],
  updating: [
    'travail en cours sur les mises à jour',
    'n éteignez pas votre ordinateur',
    'préparation de windows',
    'mises à jour en cours',
    'installation des mises à jour',
    'n éteignez pas l ordinateur',
  ],
  undoing: ['pas pu terminer les mises à jour', 'annulation des modifications'],
  checkingDisk: ['analyse et réparation du lecteur', 'vérification du système de fichiers'],
  signIn: ['appuyez sur ctrl alt suppr', 'autre utilisateur', 'options de connexion'],
  loading: [
    'veuillez patienter',
    'démarrage de windows',
    'diagnostic de votre pc',
    'préparation de la réparation automatique',
    'bienvenue',
  ],
  bitLocker: ['récupération bitlocker', 'entrez la clé de récupération'],
  recovery: ['choisir une option', 'n a pas pu réparer votre'],
  bootMenu: ['un système d exploitation à démarrer', 'choisir un système d exploitation'],
  setupFailed: ['l ordinateur a redémarré de façon inattendue'],
};
