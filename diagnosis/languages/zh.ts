import type { Phrases } from './phrases.ts';

/** Simplified Chinese. The screens' own words where Microsoft's articles print them, else those of Windows' releases in the language. */
export const chinese: Phrases = {
  language: 'zh-Hans',
  stop: ['遇到问题 需要重启', '收集某些错误信息'],
  stopCode: ['终止代码', '停止代码', '在线搜索此错误'],
  whatFailed: ['失败的操作', '失败的内容'],
  bootManager: ['windows 启动管理器', 'windows 未能启动', '需要修复'],
  bootStatus: ['状态', '错误代码'],
  updating: ['正在进行更新', '请不要关闭', '正在准备 windows', '正在配置更新', '正在处理更新', '正在安装更新'],
  undoing: ['无法完成更新', '正在撤消更改', '正在还原更改'],
  checkingDisk: ['正在扫描和修复驱动器', '正在检查文件系统'],
  signIn: ['按 ctrl alt delete 解锁', '其他用户', '登录选项'],
  loading: ['请稍候', '正在启动 windows', '正在诊断你的电脑', '正在准备自动修复', '欢迎'],
  bitLocker: ['bitlocker 恢复', '输入此驱动器的恢复密钥'],
  recovery: ['选择一个选项', '无法修复你的电脑', '疑难解答'],
  bootMenu: ['选择要启动的操作系统', '选择操作系统'],
  setupFailed: ['计算机意外地重新启动'],
};
