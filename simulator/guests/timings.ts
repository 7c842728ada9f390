/** Guest times, seconds. None was recorded: all are guessed. */
export const TIMINGS = {
  tag: 'guessed',
  boot: {
    logo: 6,
    serialConsole: 12,
    kernel: 20,
    servicingStep: 25,
    stop: 32,
    dump: 15,
    restart: 8,
    signIn: 45,
    agent: 60,
    chkdsk: 30,
    loopFor: 3600,
  },
  command: { start: 4, disk: 2, registry: 0.4, bcd: 1, bcdboot: 4, file: 0.3, sfcVerify: 110, sfcScan: 160, dism: 115, upload: 3 },
} as const;
