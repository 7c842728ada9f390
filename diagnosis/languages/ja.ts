import type { Phrases } from './phrases.ts';

/** Japanese. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const japanese: Phrases = {
  language: 'ja',
  stop: ['問題が発生したため PC を再起動する必要', '問題が発生したため 再起動する必要', 'エラー情報を収集しています'],
  stopCode: ['停止コード', 'オンラインで検索してください'],
  whatFailed: ['失敗した内容'],
  bootManager: ['windows ブート マネージャー', 'windows を起動できませんでした', '修復する必要があります'],
  bootStatus: ['状態', 'エラー コード'],
  updating: [
    '更新プログラムを構成しています',
    '電源を切らないでください',
    'windows の準備をしています',
    '更新しています',
    '更新プログラムをインストールしています',
  ],
  undoing: ['更新を完了できませんでした', '変更を元に戻しています'],
  checkingDisk: ['スキャンおよび修復しています', 'ファイル システムを検査しています'],
  signIn: ['ロックを解除するには', '他のユーザー', 'サインイン オプション'],
  loading: ['お待ちください', 'windows を起動しています', 'pc を診断中', '自動修復を準備しています', 'ようこそ'],
  bitLocker: ['bitlocker 回復', '回復キーを入力'],
  recovery: ['オプションの選択', 'pc を修復できませんでした'],
  bootMenu: ['オペレーティング システムの選択'],
  setupFailed: ['予期せず再起動'],
};
