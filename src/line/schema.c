/*
 * schema.c - the tables of lines.
 */
#include "line/internal.h"

#include "ledger/witness.h"

static const char *const steps[] = {
    /* The other parties, by their cards; `key` follows key.rotate. */
    "CREATE TABLE line_party (id TEXT PRIMARY KEY, title TEXT NOT NULL, key @BLOB@ NOT NULL,"
    " ledger TEXT NOT NULL, url TEXT NOT NULL, tls TEXT NOT NULL, made_ns BIGINT NOT NULL,"
    " card TEXT NOT NULL, added_us BIGINT NOT NULL) @STRICT@;"

    /* struct line_row */
    "CREATE TABLE line (id TEXT PRIMARY KEY, peer TEXT NOT NULL, round BIGINT NOT NULL,"
    " made_us BIGINT NOT NULL,"
    " own_stance BIGINT NOT NULL DEFAULT 0, peer_stance BIGINT NOT NULL DEFAULT 0,"
    " is_degraded BIGINT NOT NULL DEFAULT 0, is_forked BIGINT NOT NULL DEFAULT 0,"
    " own_seq BIGINT NOT NULL DEFAULT 0, own_receipted BIGINT NOT NULL DEFAULT 0,"
    " peer_seq BIGINT NOT NULL DEFAULT 0, peer_sent BIGINT NOT NULL DEFAULT 0,"
    " peer_have BIGINT NOT NULL DEFAULT 0, peer_receipted BIGINT NOT NULL DEFAULT 0,"
    " peer_beat_us BIGINT NOT NULL DEFAULT 0, heard_us BIGINT NOT NULL DEFAULT 0,"
    " beat_us BIGINT NOT NULL DEFAULT 0, posted_us BIGINT NOT NULL DEFAULT 0,"
    " posted_seq BIGINT NOT NULL DEFAULT 0,"
    " posted_to BIGINT NOT NULL DEFAULT 0, posted_have BIGINT NOT NULL DEFAULT 0,"
    " return_from BIGINT NOT NULL DEFAULT 0, peer_return_from BIGINT NOT NULL DEFAULT 0,"
    " alarms BIGINT NOT NULL DEFAULT 0, waiting BIGINT NOT NULL DEFAULT 0,"
    " own_hash @BLOB@, peer_hash @BLOB@,"
    " drill_us BIGINT NOT NULL DEFAULT 0, memo_number BIGINT NOT NULL DEFAULT 0,"
    " rules_until_us BIGINT NOT NULL DEFAULT 0, deliver_s BIGINT NOT NULL DEFAULT 0,"
    " seen_s BIGINT NOT NULL DEFAULT 0, answer_s BIGINT NOT NULL DEFAULT 0,"
    " heartbeat_s BIGINT NOT NULL DEFAULT 0, drill_s BIGINT NOT NULL DEFAULT 0,"
    " witnessed BIGINT NOT NULL DEFAULT 0, ledger_seen BIGINT NOT NULL DEFAULT 0,"
    " checkpoint_us BIGINT NOT NULL DEFAULT 0, is_wary BIGINT NOT NULL DEFAULT 0,"
    " own_key @BLOB@, peer_key @BLOB@, reason TEXT NOT NULL DEFAULT '',"
    " cosignature TEXT NOT NULL DEFAULT '') @STRICT@;"
    "CREATE UNIQUE INDEX line_peer ON line (peer, round);"

    /* Which key signs what a side says from a number on. */
    "CREATE TABLE line_key (line TEXT NOT NULL, own BIGINT NOT NULL, from_seq BIGINT NOT NULL,"
    " key @BLOB@ NOT NULL, PRIMARY KEY (line, own, from_seq)) @STRICT@;"

    /* Everything said and heard; `receipt` is the other's for ours, ours for the other's. */
    "CREATE TABLE line_message (line TEXT NOT NULL, own BIGINT NOT NULL, seq BIGINT NOT NULL,"
    " type TEXT NOT NULL, role TEXT NOT NULL, hash @BLOB@ NOT NULL, ledger_index BIGINT NOT NULL,"
    " sent_us BIGINT NOT NULL, received_us BIGINT NOT NULL,"
    " deliver_by_us BIGINT NOT NULL, seen_by_us BIGINT NOT NULL, answer_by_us BIGINT NOT NULL,"
    " open BIGINT NOT NULL, due_us BIGINT NOT NULL, is_late BIGINT NOT NULL,"
    " is_void BIGINT NOT NULL, receipt_us BIGINT NOT NULL,"
    " alarmed BIGINT NOT NULL DEFAULT 0, rung BIGINT NOT NULL DEFAULT 0,"
    " rung_us BIGINT NOT NULL DEFAULT 0, seen_us BIGINT NOT NULL DEFAULT 0, seen_role TEXT,"
    " forwarded_us BIGINT NOT NULL DEFAULT 0, answered_us BIGINT NOT NULL DEFAULT 0,"
    " assessment TEXT, reason TEXT, superseded_by BIGINT NOT NULL DEFAULT 0,"
    " receipt TEXT, envelope TEXT NOT NULL, PRIMARY KEY (line, own, seq)) @STRICT@;"
    "CREATE INDEX line_message_due ON line_message (line, due_us) WHERE due_us > 0;"
    "CREATE INDEX line_message_way ON line_message (line, seq) WHERE own = 1 AND receipt_us = 0;",

    "CREATE TABLE line_memo (line TEXT NOT NULL, hash @BLOB@ NOT NULL, number BIGINT NOT NULL,"
    " document TEXT NOT NULL, valid_from_us BIGINT NOT NULL, valid_until_us BIGINT NOT NULL,"
    " own_proposed BIGINT NOT NULL DEFAULT 0, peer_proposed BIGINT NOT NULL DEFAULT 0,"
    " own_accepted BIGINT NOT NULL DEFAULT 0, peer_accepted BIGINT NOT NULL DEFAULT 0,"
    " own_declined BIGINT NOT NULL DEFAULT 0, peer_declined BIGINT NOT NULL DEFAULT 0,"
    " agreed_us BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (line, hash)) @STRICT@;"
    "CREATE INDEX line_memo_number ON line_memo (line, number);"

    "CREATE TABLE line_alarm (id @IDENTITY@, line TEXT NOT NULL, kind TEXT NOT NULL,"
    " own BIGINT NOT NULL, seq BIGINT NOT NULL, role TEXT NOT NULL, text TEXT NOT NULL,"
    " at_us BIGINT NOT NULL, cleared_us BIGINT NOT NULL DEFAULT 0) @STRICT@;"
    "CREATE UNIQUE INDEX line_alarm_open ON line_alarm (line, kind, own, seq)"
    " WHERE cleared_us = 0;"

    "CREATE TABLE line_evidence (id @IDENTITY@, line TEXT NOT NULL, kind TEXT NOT NULL,"
    " seq BIGINT NOT NULL, hash @BLOB@ NOT NULL, text TEXT NOT NULL, at_us BIGINT NOT NULL,"
    " ledger_index BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX line_evidence_kind ON line_evidence (line, kind);"

    /* The history of participation. */
    "CREATE TABLE line_change (id @IDENTITY@, line TEXT NOT NULL, at_us BIGINT NOT NULL,"
    " own BIGINT NOT NULL, seq BIGINT NOT NULL, act TEXT NOT NULL, state_before BIGINT NOT NULL,"
    " state_after BIGINT NOT NULL, reason TEXT NOT NULL, ledger_index BIGINT NOT NULL) @STRICT@;"
    "CREATE INDEX line_change_line ON line_change (line, id);"

    "CREATE TABLE line_event (id @IDENTITY@, at_us BIGINT NOT NULL, kind TEXT NOT NULL,"
    " json TEXT NOT NULL) @STRICT@",

    /* One row: events up to this number may have been deleted. */
    ("CREATE TABLE line_gone (one BIGINT PRIMARY KEY, id BIGINT NOT NULL) @STRICT@;"
     "CREATE INDEX line_alarm_ended ON line_alarm (cleared_us) WHERE cleared_us > 0"),

    "ALTER TABLE line ADD COLUMN moved_us BIGINT NOT NULL DEFAULT 0"};

enum tf_status line_prepare(struct sql *sql, char why[SQL_WHY_SIZE])
{
    enum tf_status rc = witness_prepare(sql, why);
    return rc ? rc : sql_migrate(sql, "line", steps, sizeof steps / sizeof *steps, why);
}
