/**
 * What Windows' screens say, in whole sentences, by language: material for drawn screens. No official list of the localised texts was
 * found: most are written down from memory, and the stop sentences were compared with the articles at hand. Whoever wrote them wrote the
 * product's phrases too; so what is measured with them is the reading, and of the meaning only that it survives the reading.
 */
export interface Texts {
  /** Two ways of saying that Windows stopped: Windows 10 and 11 ("your device"), Server 2012 R2 ("search online for this error"). */
  stopped: string[];
  searchFor: string;
  complete: string;
  support: string;
  stopCode: string;
  whatFailed: string;
  updating: string[];
  undoing: string[];
  checking: string[];
  signIn: string;
  loading: string[];
  bitLocker: string[];
  recovery: string[];
  bootMenu: string[];
  bootManager: string[];
  status: string;
  file: string;
  info: string;
}

export const texts: Record<string, Texts> = {
  en: {
    stopped: [
      "Your PC ran into a problem and needs to restart. We're just collecting some error info, and then we'll restart for you.",
      "Your device ran into a problem and needs to restart. We're just collecting some error info, and then you can restart.",
    ],
    searchFor: "If you'd like to know more, you can search online later for this error:",
    complete: '% complete',
    support: 'If you call a support person, give them this info:',
    stopCode: 'Stop code:',
    whatFailed: 'What failed:',
    updating: [
      'Working on updates',
      "Don't turn off your computer",
      'Getting Windows ready',
      'Updates are underway. Please keep your computer on.',
    ],
    undoing: ["We couldn't complete the updates", 'Undoing changes'],
    checking: ['Scanning and repairing drive (C:):'],
    signIn: 'Press Ctrl+Alt+Delete to unlock.',
    loading: ['Please wait', 'Starting Windows', 'Diagnosing your PC', 'Preparing Automatic Repair'],
    bitLocker: ['BitLocker recovery', 'Enter the recovery key for this drive'],
    recovery: ['Choose an option', 'Continue', 'Troubleshoot', 'Turn off your PC'],
    bootMenu: ['Choose an operating system to start, or press TAB to select a tool:'],
    bootManager: ['Windows Boot Manager', 'Windows failed to start. A recent hardware or software change might be the cause.'],
    status: 'Status:',
    file: 'File:',
    info: 'Info: A required device is not connected or cannot be accessed.',
  },
  nl: {
    stopped: [
      'Er is een probleem opgetreden met uw pc en de pc moet opnieuw worden opgestart. We verzamelen alleen wat foutgegevens en daarna wordt de pc opnieuw opgestart.',
      'Er is een probleem opgetreden met uw apparaat en het moet opnieuw worden opgestart. We verzamelen enkele foutgegevens, waarna u opnieuw kunt opstarten.',
    ],
    searchFor: 'Als u meer wilt weten, kunt u later online zoeken naar deze fout:',
    complete: '% voltooid',
    support: 'Als u de ondersteuning belt, geeft u deze informatie door:',
    stopCode: 'Stopcode:',
    whatFailed: 'Wat is mislukt:',
    updating: [
      'Bezig met updates',
      'Zet uw computer niet uit',
      'Windows voorbereiden',
      'Updates worden verwerkt. Schakel de computer niet uit.',
    ],
    undoing: ['We kunnen de updates niet voltooien', 'Wijzigingen ongedaan maken'],
    checking: ['Station scannen en herstellen (C:):'],
    signIn: 'Druk op Ctrl+Alt+Delete om te ontgrendelen.',
    loading: ['Een ogenblik geduld', 'Windows wordt gestart', 'Diagnose uitvoeren voor uw pc', 'Automatisch herstel voorbereiden'],
    bitLocker: ['BitLocker-herstel', 'Voer de herstelsleutel voor dit station in'],
    recovery: ['Kies een optie', 'Doorgaan', 'Problemen oplossen', 'Uw pc uitschakelen'],
    bootMenu: ['Kies een besturingssysteem dat u wilt starten of druk op TAB om een hulpprogramma te selecteren:'],
    bootManager: ['Windows Opstartbeheer', 'Windows kan niet worden gestart. Mogelijk is dit het gevolg van een recente wijziging.'],
    status: 'Status:',
    file: 'Bestand:',
    info: 'Informatie: Een vereist apparaat is niet verbonden of niet toegankelijk.',
  },
  sv: {
    stopped: [
      'Ett problem uppstod på datorn och den måste startas om. Vi samlar bara in lite information om felet, sedan startar vi om datorn.',
      'Enheten stötte på ett problem och måste startas om. Vi har bara samlat in felinformation och sedan kan du starta om.',
    ],
    searchFor: 'Om du vill veta mer kan du söka online senare efter det här felet:',
    complete: '% slutfört',
    support: 'Om du ringer supporten kan du ge dem den här informationen:',
    stopCode: 'Stoppkod:',
    whatFailed: 'Vad som misslyckades:',
    updating: ['Arbetar med uppdateringar', 'Stäng inte av datorn', 'Förbereder Windows', 'Uppdateringar pågår. Låt datorn vara påslagen.'],
    undoing: ['Vi kunde inte slutföra uppdateringarna', 'Ångrar ändringar'],
    checking: ['Genomsöker och reparerar enheten (C:):'],
    signIn: 'Tryck på Ctrl+Alt+Delete för att låsa upp.',
    loading: ['Vänta', 'Startar Windows', 'Diagnostiserar datorn', 'Förbereder automatisk reparation'],
    bitLocker: ['BitLocker-återställning', 'Ange återställningsnyckeln för den här enheten'],
    recovery: ['Välj ett alternativ', 'Fortsätt', 'Felsök', 'Stäng av datorn'],
    bootMenu: ['Välj vilket operativsystem du vill starta eller tryck på TABB för att välja ett verktyg:'],
    bootManager: ['Windows Starthanteraren', 'Det gick inte att starta Windows. En ändring av maskin- eller programvara kan vara orsaken.'],
    status: 'Status:',
    file: 'Fil:',
    info: 'Information: En nödvändig enhet är inte ansluten eller går inte att komma åt.',
  },
  it: {
    stopped: [
      "Si è verificato un problema nel PC ed è necessario riavviarlo. Verranno raccolte solo alcune informazioni sull'errore e quindi il PC verrà riavviato.",
      "Il dispositivo ha riscontrato un problema e deve essere riavviato. Stiamo solo raccogliendo alcune informazioni sull'errore, quindi potrai riavviare.",
    ],
    searchFor: 'Per altre informazioni, potrai cercare questo errore online in un secondo momento:',
    complete: '% completato',
    support: 'Se contatti il supporto tecnico, fornisci queste informazioni:',
    stopCode: 'Codice di arresto:',
    whatFailed: 'Elemento non riuscito:',
    updating: [
      'Aggiornamenti in corso',
      'Non spegnere il computer',
      'Preparazione di Windows',
      'Lavoro sugli aggiornamenti in corso. Non spegnere il PC.',
    ],
    undoing: ['Impossibile completare gli aggiornamenti', 'Annullamento delle modifiche in corso'],
    checking: ["Analisi e correzione dell'unità (C:):"],
    signIn: 'Premi CTRL+ALT+CANC per sbloccare il computer.',
    loading: ['Attendere', 'Avvio di Windows', 'Diagnosi del PC in corso', 'Preparazione Ripristino automatico'],
    bitLocker: ['Ripristino BitLocker', 'Immetti la chiave di ripristino per questa unità'],
    recovery: ["Scegli un'opzione", 'Continua', 'Risoluzione dei problemi', 'Spegni il PC'],
    bootMenu: ['Scegliere un sistema operativo da avviare oppure premere TAB per selezionare uno strumento:'],
    bootManager: ['Windows Boot Manager', 'Impossibile avviare Windows. Il problema potrebbe essere causato da una modifica recente.'],
    status: 'Stato:',
    file: 'File:',
    info: 'Info: Un dispositivo necessario non è connesso oppure non è accessibile.',
  },
  de: {
    stopped: [
      'Auf dem PC ist ein Problem aufgetreten. Er muss neu gestartet werden. Es werden einige Fehlerinformationen gesammelt, und dann wird ein Neustart ausgeführt.',
      'Auf Ihrem Gerät ist ein Problem aufgetreten, und es muss neu gestartet werden. Es werden nur einige Fehlerinformationen gesammelt. Anschließend können Sie einen Neustart ausführen.',
    ],
    searchFor: 'Wenn Sie weitere Informationen wünschen, können Sie später online nach diesem Fehler suchen:',
    complete: ' % abgeschlossen',
    support: 'Halten Sie diese Informationen bereit, wenn Sie sich an den Support wenden:',
    stopCode: 'Stillstandcode:',
    whatFailed: 'Fehlerursache:',
    updating: [
      'Updates werden verarbeitet',
      'Schalten Sie den Computer nicht aus',
      'Windows wird vorbereitet',
      'Updates werden konfiguriert. Schalten Sie Ihren PC nicht aus.',
    ],
    undoing: ['Die Updates konnten nicht abgeschlossen werden', 'Änderungen werden rückgängig gemacht'],
    checking: ['Laufwerk (C:) wird überprüft und repariert:'],
    signIn: 'Drücken Sie STRG+ALT+ENTF, um die Sperre aufzuheben.',
    loading: ['Bitte warten', 'Windows wird gestartet', 'Diagnose des PCs wird ausgeführt', 'Automatische Reparatur wird vorbereitet'],
    bitLocker: ['BitLocker-Wiederherstellung', 'Geben Sie den Wiederherstellungsschlüssel für dieses Laufwerk ein'],
    recovery: ['Option auswählen', 'Fortsetzen', 'Problembehandlung', 'PC ausschalten'],
    bootMenu: ['Wählen Sie das zu startende Betriebssystem aus, oder drücken Sie die TAB-TASTE, um ein Tool auszuwählen:'],
    bootManager: [
      'Windows-Start-Manager',
      'Fehler beim Starten von Windows. Dies kann auf eine kürzlich durchgeführte Änderung zurückzuführen sein.',
    ],
    status: 'Status:',
    file: 'Datei:',
    info: 'Info: Ein erforderliches Gerät ist nicht verbunden, oder es kann nicht darauf zugegriffen werden.',
  },
  fr: {
    stopped: [
      "Votre PC a rencontré un problème et doit redémarrer. Nous collectons simplement des informations relatives aux erreurs, puis nous allons redémarrer l'ordinateur.",
      "Votre appareil a rencontré un problème et doit redémarrer. Nous collectons simplement des informations relatives à l'erreur, vous pourrez ensuite redémarrer.",
    ],
    searchFor: 'Pour en savoir plus, vous pouvez rechercher ultérieurement en ligne cette erreur :',
    complete: ' % effectués',
    support: 'Si vous appelez le support technique, communiquez ces informations :',
    stopCode: "Code d'arrêt :",
    whatFailed: 'Échec de :',
    updating: [
      'Travail en cours sur les mises à jour',
      "N'éteignez pas votre ordinateur",
      'Préparation de Windows',
      "Mises à jour en cours. Laissez l'ordinateur allumé.",
    ],
    undoing: ["Nous n'avons pas pu terminer les mises à jour", 'Annulation des modifications'],
    checking: ['Analyse et réparation du lecteur (C:) :'],
    signIn: 'Appuyez sur Ctrl+Alt+Suppr pour déverrouiller.',
    loading: ['Veuillez patienter', 'Démarrage de Windows', 'Diagnostic de votre PC', 'Préparation de la réparation automatique'],
    bitLocker: ['Récupération BitLocker', 'Entrez la clé de récupération pour ce lecteur'],
    recovery: ['Choisir une option', 'Continuer', 'Dépannage', 'Éteindre votre PC'],
    bootMenu: ["Choisissez un système d'exploitation à démarrer ou appuyez sur TAB pour sélectionner un outil :"],
    bootManager: [
      'Gestionnaire de démarrage Windows',
      "Windows n'a pas pu démarrer. Une modification matérielle ou logicielle récente peut en être la cause.",
    ],
    status: 'Statut :',
    file: 'Fichier :',
    info: 'Informations : Un périphérique requis est inaccessible ou non connecté.',
  },
  es: {
    stopped: [
      'Se ha producido un problema en el PC y necesita reiniciarse. Vamos a recopilar información de error y, después, se reiniciará automáticamente.',
      'El dispositivo tuvo un problema y necesita reiniciarse. Solo estamos recopilando información sobre el error y después podrás reiniciarlo.',
    ],
    searchFor: 'Si deseas saber más, más adelante puedes buscar este error en línea:',
    complete: '% completado',
    support: 'Si llamas al soporte técnico, proporciona esta información:',
    stopCode: 'Código de detención:',
    whatFailed: 'Qué falló:',
    updating: [
      'Trabajando en las actualizaciones',
      'No apagues el equipo',
      'Preparando Windows',
      'Hay actualizaciones en curso. Mantén el equipo encendido.',
    ],
    undoing: ['No se pudieron completar las actualizaciones', 'Deshaciendo los cambios'],
    checking: ['Examinando y reparando la unidad (C:):'],
    signIn: 'Presiona Ctrl+Alt+Supr para desbloquear.',
    loading: ['Espera un momento', 'Iniciando Windows', 'Diagnosticando el equipo', 'Preparando la reparación automática'],
    bitLocker: ['Recuperación de BitLocker', 'Escribe la clave de recuperación de esta unidad'],
    recovery: ['Elegir una opción', 'Continuar', 'Solucionar problemas', 'Apagar el equipo'],
    bootMenu: ['Elija un sistema operativo para iniciar o presione TAB para seleccionar una herramienta:'],
    bootManager: [
      'Administrador de arranque de Windows',
      'Windows no se pudo iniciar. La causa podría ser un cambio reciente de hardware o software.',
    ],
    status: 'Estado:',
    file: 'Archivo:',
    info: 'Información: Un dispositivo requerido no está conectado o no se puede obtener acceso a él.',
  },
  zh: {
    stopped: [
      '你的电脑遇到问题，需要重新启动。我们只收集某些错误信息，然后为你重新启动。',
      '你的设备遇到问题，需要重启。我们只收集某些错误信息，然后你可以重新启动。',
    ],
    searchFor: '如果你想了解更多信息，则可以稍后在线搜索此错误:',
    complete: '% 完成',
    support: '如果致电支持人员，请向他们提供以下信息:',
    stopCode: '终止代码:',
    whatFailed: '失败的操作:',
    updating: ['正在进行更新', '请不要关闭你的计算机', '正在准备 Windows', '正在配置更新，请不要关闭电脑'],
    undoing: ['我们无法完成更新', '正在撤消更改'],
    checking: ['正在扫描和修复驱动器 (C:):'],
    signIn: '按 Ctrl+Alt+Delete 解锁。',
    loading: ['请稍候', '正在启动 Windows', '正在诊断你的电脑', '正在准备自动修复'],
    bitLocker: ['BitLocker 恢复', '输入此驱动器的恢复密钥'],
    recovery: ['选择一个选项', '继续', '疑难解答', '关闭电脑'],
    bootMenu: ['选择要启动的操作系统，或按 TAB 选择工具:'],
    bootManager: ['Windows 启动管理器', 'Windows 未能启动。原因可能是最近更改了硬件或软件。'],
    status: '状态:',
    file: '文件:',
    info: '信息: 未连接或无法访问所需设备。',
  },
  ja: {
    stopped: [
      '問題が発生したため、PC を再起動する必要があります。エラー情報を収集しています。その後、自動的に再起動します。',
      'デバイスに問題が発生したため、再起動する必要があります。エラー情報を収集しています。その後、再起動できます。',
    ],
    searchFor: '詳細については、後でこのエラーをオンラインで検索してください:',
    complete: '% 完了',
    support: 'サポート担当者に連絡する場合は、この情報を伝えてください:',
    stopCode: '停止コード:',
    whatFailed: '失敗した内容:',
    updating: [
      '更新プログラムを構成しています',
      'コンピューターの電源を切らないでください',
      'Windows の準備をしています',
      '更新しています。電源を切らないでください',
    ],
    undoing: ['更新を完了できませんでした', '変更を元に戻しています'],
    checking: ['ドライブ (C:) をスキャンおよび修復しています:'],
    signIn: 'ロックを解除するには、Ctrl + Alt + Delete キーを押します。',
    loading: ['お待ちください', 'Windows を起動しています', 'PC を診断中', '自動修復を準備しています'],
    bitLocker: ['BitLocker 回復', 'このドライブの回復キーを入力してください'],
    recovery: ['オプションの選択', '続行', 'トラブルシューティング', 'PC の電源を切る'],
    bootMenu: ['開始するオペレーティング システムを選択するか、Tab キーを押してツールを選択してください:'],
    bootManager: [
      'Windows ブート マネージャー',
      'Windows を起動できませんでした。最近のハードウェアまたはソフトウェアの変更が原因の可能性があります。',
    ],
    status: '状態:',
    file: 'ファイル:',
    info: '情報: 必要なデバイスが接続されていないか、アクセスできません。',
  },
};
