/*
 * tables.c - the tables of the register.
 *
 * ops_record has the present version of each record, ops_version every version. `change` counts
 * all changes of the register: what is kept in memory is brought up to date by it, in this process
 * and in any other one on the same database.
 */
#include "ops/internal.h"

#include <stdio.h>

#define COLUMNS                                                                                    \
    "owner TEXT NOT NULL, class TEXT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL, "        \
    "change BIGINT NOT NULL, state TEXT NOT NULL, etag TEXT NOT NULL, kind TEXT NOT NULL, "        \
    "priority BIGINT NOT NULL, is_template BIGINT NOT NULL, name TEXT NOT NULL, "                  \
    "source TEXT NOT NULL, start_us BIGINT NOT NULL, end_us BIGINT NOT NULL, "                     \
    "feature TEXT NOT NULL, extra TEXT NOT NULL, decisions TEXT NOT NULL, "                        \
    "made_us BIGINT NOT NULL, made_by TEXT NOT NULL, changed_us BIGINT NOT NULL, "                 \
    "changed_by TEXT NOT NULL, act TEXT NOT NULL, role TEXT NOT NULL, reason TEXT NOT NULL"

static const char *const steps[] = {
    "CREATE TABLE ops_record (number @IDENTITY@, " COLUMNS ", UNIQUE (owner, class, id)) @STRICT@;"
    "CREATE UNIQUE INDEX ops_record_change ON ops_record (change);"
    "CREATE TABLE ops_version (number BIGINT NOT NULL, " COLUMNS
    ", PRIMARY KEY (number, version)) @STRICT@;"
    "CREATE TABLE ops_policy (version BIGINT NOT NULL PRIMARY KEY, document TEXT NOT NULL,"
    " at_us BIGINT NOT NULL, made_by TEXT NOT NULL) @STRICT@;"
    "CREATE TABLE ops_ack (number BIGINT NOT NULL, version BIGINT NOT NULL, who TEXT NOT NULL,"
    " is_peer BIGINT NOT NULL, role TEXT NOT NULL, at_us BIGINT NOT NULL,"
    " PRIMARY KEY (number, version, who, is_peer)) @STRICT@",
    /* What was declared over a line, both ways; what a line has been told of the register. */
    "CREATE TABLE ops_declared (line TEXT NOT NULL, is_own BIGINT NOT NULL, id TEXT NOT NULL,"
    " class TEXT NOT NULL, own_id TEXT NOT NULL, own_version BIGINT NOT NULL,"
    " version BIGINT NOT NULL, seq BIGINT NOT NULL, at_us BIGINT NOT NULL,"
    " disclosure TEXT NOT NULL, breach_s BIGINT NOT NULL, is_withdrawn BIGINT NOT NULL,"
    " body TEXT NOT NULL, PRIMARY KEY (line, is_own, id)) @STRICT@;"
    "CREATE INDEX ops_declared_own ON ops_declared (own_id, class);"
    "CREATE TABLE ops_told (line TEXT NOT NULL PRIMARY KEY, change BIGINT NOT NULL,"
    " memo BIGINT NOT NULL) @STRICT@",
    "CREATE TABLE ops_case (id TEXT NOT NULL PRIMARY KEY, line TEXT NOT NULL,"
    " own_class TEXT NOT NULL, own_id TEXT NOT NULL, other_class TEXT NOT NULL,"
    " other_id TEXT NOT NULL, own_version BIGINT NOT NULL, other_version BIGINT NOT NULL,"
    " is_open BIGINT NOT NULL, opened_us BIGINT NOT NULL, changed_us BIGINT NOT NULL,"
    " conflict TEXT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_case_own ON ops_case (own_class, own_id);"
    "CREATE INDEX ops_case_other ON ops_case (line, other_class, other_id)",
    "ALTER TABLE ops_case ADD COLUMN until_us BIGINT NOT NULL DEFAULT 9223372036854775807;"
    "CREATE INDEX ops_case_until ON ops_case (is_open, until_us)",
    "CREATE TABLE ops_incident (id TEXT NOT NULL PRIMARY KEY, made_us BIGINT NOT NULL,"
    " report TEXT NOT NULL) @STRICT@",
    /* What was said about cases; due_us: when a case is to be looked at again. */
    "CREATE TABLE ops_case_note (line TEXT NOT NULL, id TEXT NOT NULL, is_own BIGINT NOT NULL,"
    " seq BIGINT NOT NULL, type TEXT NOT NULL, hash TEXT NOT NULL, of_hash TEXT NOT NULL,"
    " own_version BIGINT NOT NULL, other_version BIGINT NOT NULL, expires_us BIGINT NOT NULL,"
    " at_us BIGINT NOT NULL, is_done BIGINT NOT NULL, counters TEXT NOT NULL, body TEXT NOT NULL,"
    " feature TEXT NOT NULL, etag TEXT NOT NULL, PRIMARY KEY (line, is_own, seq)) @STRICT@;"
    "CREATE INDEX ops_case_note_case ON ops_case_note (line, id);"
    "ALTER TABLE ops_case ADD COLUMN stage BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE ops_case ADD COLUMN rung BIGINT NOT NULL DEFAULT -1;"
    "ALTER TABLE ops_case ADD COLUMN due_us BIGINT NOT NULL DEFAULT 0;"
    "CREATE INDEX ops_case_due ON ops_case (due_us)",
    "ALTER TABLE ops_case ADD COLUMN held BIGINT NOT NULL DEFAULT 0",
    "CREATE TABLE ops_overtime (number BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_record_end ON ops_record (owner, state, end_us)",
    /* growth.c: how far what a line declared was grown when all of it was last looked at. */
    "CREATE TABLE ops_grown (line TEXT NOT NULL PRIMARY KEY, swept_m BIGINT NOT NULL,"
    " running_m BIGINT NOT NULL, after BIGINT NOT NULL, is_told BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_record_declared ON ops_record (owner, number) WHERE owner <> ''"
    " AND state IN ('accepted', 'activated', 'nonconforming', 'contingent')",
    /* Who sees the conflict: this side; the other, as it said by a proposal. */
    "ALTER TABLE ops_case ADD COLUMN sees BIGINT NOT NULL DEFAULT 1;"
    "ALTER TABLE ops_case ADD COLUMN claimed BIGINT NOT NULL DEFAULT 0;"
    "UPDATE ops_case SET sees = is_open",
    /* alias.c. What is there already made its ids with the key's seed: '' */
    "CREATE TABLE ops_secret (one BIGINT NOT NULL PRIMARY KEY, secret TEXT NOT NULL) @STRICT@;"
    "INSERT INTO ops_secret (one, secret) SELECT 1, '' WHERE EXISTS (SELECT 1 FROM ops_record)",
    /* lost.c: how many were told to ring on a line */
    "CREATE TABLE ops_lost (line TEXT NOT NULL PRIMARY KEY, told BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_declared_lost ON ops_declared (line) WHERE is_own = 1 AND own_id = ''"
    " AND is_withdrawn = 0",
    /* conform.c: the last report of where an operation is. */
    "CREATE TABLE ops_position (number BIGINT NOT NULL PRIMARY KEY, id TEXT NOT NULL,"
    " at_us BIGINT NOT NULL, is_outside BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_position_outside ON ops_position (number) WHERE is_outside = 1",
    /* reading.c: entries about who read sensitive sites, while they stand */
    "CREATE TABLE ops_reading (number @IDENTITY@, reader TEXT NOT NULL, purpose TEXT NOT NULL,"
    " at_us BIGINT NOT NULL, sites TEXT NOT NULL) @STRICT@;"
    "CREATE INDEX ops_reading_reader ON ops_reading (reader, purpose, at_us)",
    /* conform.c: whether a report is waited for (watch); track.c: what was reported. */
    "ALTER TABLE ops_position ADD COLUMN heard_us BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE ops_position ADD COLUMN gap_us BIGINT NOT NULL DEFAULT 0;"
    "ALTER TABLE ops_position ADD COLUMN watch BIGINT NOT NULL DEFAULT 0;"
    "CREATE INDEX ops_position_watch ON ops_position (watch, heard_us) WHERE watch > 0;"
    "CREATE TABLE ops_track (number BIGINT NOT NULL, at_us BIGINT NOT NULL,"
    " taken_us BIGINT NOT NULL, id TEXT NOT NULL, version BIGINT NOT NULL,"
    " conformance BIGINT NOT NULL, lat BIGINT NOT NULL, lng BIGINT NOT NULL, alt BIGINT NOT NULL,"
    " accuracy_h BIGINT NOT NULL, accuracy_v BIGINT NOT NULL, who TEXT NOT NULL,"
    " PRIMARY KEY (number, at_us)) @STRICT@;"
    "CREATE INDEX ops_track_at ON ops_track (at_us, number)"};

enum tf_status ops_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    char secret[OPS_SECRET_TEXT_SIZE];
    enum tf_status rc = sql_migrate(sql, "ops", steps, sizeof steps / sizeof *steps, why);
    if (rc)
        return rc;
    ops_make_secret(secret);
    rc = sql_exec(sql, "INSERT INTO ops_secret (one, secret) VALUES (1, $1) ON CONFLICT DO NOTHING",
                  SQL_ARGS(sql_text(secret)), NULL);
    if (rc)
        snprintf(why, SQL_WHY_SIZE, "%s", sql_why(sql));
    return rc;
}
