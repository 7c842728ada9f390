/** Evidence -> finding. Pure: reads nothing, writes nothing, has no clock. */
export { type DumpHeader, parseDumpHeader, readDump, readDumpHeader } from './dumpHeader.ts';
export { diagnoseFiles } from './files.ts';
export type { Observation } from './observation.ts';
export { readConsole, type ScreenReading } from './screen.ts';
export { decodeSerialLog } from './serial/decode.ts';
export { readSerialLog, readSerialStream, type SerialReading } from './serialLog.ts';
export type { Confidence, Diagnosis, Evidence, EvidenceKind, Finding, Harm, Sight } from './types.ts';
export { diagnose, lookAtBoot } from './verdict.ts';
