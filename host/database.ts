/** The SQLite file of a data folder: opened for this process alone, in write-ahead mode, with its schema. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { errorText } from './logger.ts';

const SCHEMA_VERSION = 1;
const SCHEMA = `
CREATE TABLE instances (
  id TEXT PRIMARY KEY, execution_id TEXT NOT NULL, name TEXT NOT NULL, status TEXT NOT NULL,
  input TEXT, output TEXT, custom_status TEXT, created TEXT NOT NULL, updated TEXT NOT NULL,
  fresh INTEGER NOT NULL -- 1: continued as new, the generation's first turn is still to run
) STRICT;
CREATE TABLE history (
  instance_id TEXT NOT NULL, position INTEGER NOT NULL, event TEXT NOT NULL, PRIMARY KEY (instance_id, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, event TEXT NOT NULL) STRICT;
CREATE INDEX inbox_instance ON inbox (instance_id, id);
CREATE TABLE tasks (
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
  task_id INTEGER NOT NULL, name TEXT NOT NULL, input TEXT NOT NULL
) STRICT;
CREATE TABLE timers (
  id INTEGER PRIMARY KEY AUTOINCREMENT, instance_id TEXT NOT NULL, execution_id TEXT NOT NULL,
  fire_at INTEGER NOT NULL, event TEXT NOT NULL
) STRICT;
CREATE INDEX timers_due ON timers (fire_at);
CREATE TABLE entities (id TEXT PRIMARY KEY, state TEXT, created TEXT NOT NULL, updated TEXT NOT NULL) STRICT;
CREATE TABLE entity_inbox (id INTEGER PRIMARY KEY AUTOINCREMENT, entity_id TEXT NOT NULL, request TEXT NOT NULL) STRICT;
CREATE INDEX entity_inbox_entity ON entity_inbox (entity_id, id);
CREATE TABLE timer_triggers (name TEXT PRIMARY KEY, last TEXT NOT NULL) STRICT;
PRAGMA user_version = ${SCHEMA_VERSION};
`;

/**
 * Opens (or makes) `durable.db` in the data folder. The file is locked through the operating system as long as the process lives, so
 * a second host is refused and the lock of a killed one is gone with it. A commit survives the death of the process (not a power cut:
 * the log is not forced to the disk at each commit).
 *
 * @throws Error when another host holds the folder, or when the file is of another version.
 */
export function openDatabase(dataDir: string): DatabaseSync {
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'durable.db'));
  const pidFile = join(dataDir, 'host.pid');
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; BEGIN IMMEDIATE; COMMIT;');
  } catch (error) {
    db.close();
    if (errorText(error).includes('locked')) {
      throw new Error(`The data folder ${dataDir} is in use by another host${holder(pidFile)}`);
    }
    throw error;
  }
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version === 0) db.exec(`BEGIN; ${SCHEMA} COMMIT;`);
  else if (version !== SCHEMA_VERSION) {
    db.close();
    throw new Error(`The data folder ${dataDir} was written by another version of the host (${version}, this one reads ${SCHEMA_VERSION})`);
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return db;
}

function holder(pidFile: string): string {
  try {
    return ` (process ${readFileSync(pidFile, 'utf8').trim()})`;
  } catch {
    return '';
  }
}

/** Runs `work` as one transaction: all of it is stored, or nothing. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

export type Row = Record<string, SQLOutputValue>;

/** A column that the schema says is text. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`Column ${column} holds no text`);
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : text(row, column);
}

/** A column that the schema says is an integer. */
export function integer(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw new Error(`Column ${column} holds no integer`);
  return value;
}
