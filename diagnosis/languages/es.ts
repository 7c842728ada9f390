import type { Phrases } from './phrases.ts';

/** Spanish. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const spanish: Phrases = {
  language: 'es',
  stop: [
    'se ha producido un problema en el pc y necesita',
    'tuvo un problema y necesita reiniciarse',
    'se produjo un problema en el pc',
    'recopilar información de error',
    'recopilando información sobre el error',
  ],
  stopCode: ['código de detención', 'buscar este error en línea'],
  whatFailed: ['qué falló', 'error en'],
  bootManager: ['administrador de arranque de windows', 'windows no se pudo iniciar', 'debe repararse'],
  bootStatus: ['estado', 'código de error'],
  updating: [
    'trabajando en las actualizaciones',
    'no apagues el equipo',
    'preparando windows',
    'actualizaciones en curso',
    'configurando las actualizaciones',
  ],
  undoing: ['no se pudieron completar las actualizaciones', 'deshaciendo los cambios', 'deshaciendo cambios'],
  checkingDisk: ['examinando y reparando', 'comprobando el sistema de archivos'],
  signIn: ['presiona ctrl alt supr', 'otro usuario', 'opciones de inicio de sesión'],
  loading: ['espera un momento', 'iniciando windows', 'diagnosticando el equipo', 'preparando la reparación automática', 'bienvenido'],
  bitLocker: ['recuperación de bitlocker', 'escribe la clave de recuperación'],
  recovery: ['elegir una opción', 'no pudo reparar el equipo'],
  bootMenu: ['un sistema operativo para iniciar', 'elegir un sistema operativo'],
  setupFailed: ['el equipo se reinició inesperadamente'],
};
