// The schema of the SQLite store, one step a version. A released step is never edited: add the next one.

export interface Migration {
  readonly version: number
  readonly sql: string
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    sql: `
      CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL UNIQUE,
        submitted_at TEXT NOT NULL,
        ended INTEGER NOT NULL,
        spec TEXT NOT NULL,
        record TEXT NOT NULL
      ) STRICT;
      CREATE INDEX jobs_by_time ON jobs (submitted_at DESC, number DESC);
      CREATE INDEX jobs_open ON jobs (ended) WHERE ended = 0;
      CREATE TABLE job_parties (
        job TEXT NOT NULL REFERENCES jobs (job),
        party TEXT NOT NULL,
        PRIMARY KEY (party, job)
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE round_closings (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL REFERENCES jobs (job),
        task TEXT NOT NULL,
        round INTEGER NOT NULL,
        party TEXT NOT NULL,
        finished INTEGER NOT NULL,
        record_digest TEXT NOT NULL,
        sent_bytes INTEGER NOT NULL,
        received_bytes INTEGER NOT NULL,
        closed_at TEXT NOT NULL,
        UNIQUE (job, task, round, party)
      ) STRICT;
      CREATE TABLE catalogs (party TEXT PRIMARY KEY, catalog TEXT NOT NULL) STRICT;
      CREATE TABLE relayed (
        job TEXT NOT NULL,
        from_party TEXT NOT NULL,
        to_party TEXT NOT NULL,
        bytes INTEGER NOT NULL,
        chunks INTEGER NOT NULL,
        PRIMARY KEY (job, from_party, to_party)
      ) STRICT, WITHOUT ROWID;
    `,
  },
]
