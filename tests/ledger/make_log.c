/*
 * make_log.c - a party's state directory with a ledger in it, for the tests of the command line and
 * for check_ledger.py: COUNT entries, a checkpoint at each hundred and at the end, the last one
 * cosigned by a witness.
 *
 * usage: make_log DIR COUNT [rotate|live]
 *        rotate: in the middle another key takes over; live: goes on appending until it is ended
 */
#include "ledger/cosign.h"
#include "ledger/ledger.h"
#include "ledger/note.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tafadi/time.h>
#include <unistd.h>

static const int64_t start_us = INT64_C(1795485600000000); /* 2026-11-24T02:00:00Z */
#define ORIGIN "north.example/ledger"

static void must(enum tf_status rc, const char *what)
{
    if (rc == TF_OK)
        return;
    fprintf(stderr, "%s: %s\n", what, tf_status_text(rc));
    exit(1);
}

static void write_file(const char *dir, const char *name, const struct tf_buf *content)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(content->data, 1, content->len, f) != content->len || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static struct key_secret *new_key(uint8_t n)
{
    uint8_t seed[KEY_SEED_SIZE];
    struct key_secret *key;
    memset(seed, n, sizeof seed);
    must(key_from_seed(seed, &key), "key");
    return key;
}

static void append(struct ledger *ledger, unsigned long i)
{
    char entry[256], at[TF_TIME_TEXT_SIZE];
    tf_time_format((start_us + (int64_t)i * 1000000) * 1000, at);
    int len = snprintf(entry, sizeof entry,
                       "{\"kind\":\"%s\",\"at\":\"%s\",\"n\":%lu,\"who\":\"ضابط %lu\"}",
                       i % 3 ? "sent" : "received", at, i, i % 7);
    must(ledger_append(ledger, entry, (size_t)len, NULL), "append");
}

/* Entries from <= i < to, in one transaction, and their checkpoint. */
static void add(struct sql *sql, struct ledger *ledger, unsigned long from, unsigned long to)
{
    must(sql_begin(sql), "begin");
    for (unsigned long i = from; i < to; i++)
        append(ledger, i);
    must(sql_commit(sql), "commit");
    must(ledger_sign(ledger, start_us), "sign");
}

static void rotate(struct sql *sql, struct ledger **ledger, const struct key_secret *to)
{
    char why[SQL_WHY_SIZE];
    must(sql_begin(sql), "begin");
    must(ledger_rotate(*ledger, to, start_us), "rotate");
    must(sql_commit(sql), "commit");
    ledger_close(*ledger);
    must(ledger_open(sql, ORIGIN, to, ledger, why), why);
}

static void cosign(struct ledger *ledger, const char *dir)
{
    struct key_secret *key = new_key(9);
    struct key_public public = key_public_of(key);
    struct note_key as;
    struct tf_buf note = TF_BUF_INIT(NOTE_MAX), line = TF_BUF_INIT(NOTE_MAX);
    struct note *read = malloc(sizeof *read);
    uint64_t size;
    if (!read || !note_key_make("south.example", NOTE_COSIGNATURE, &public, &as))
        exit(1);
    must(ledger_checkpoint(ledger, &size, &note), "checkpoint");
    must(note_read(note.data, note.len, read), "note");
    must(cosign_line(&as, key, start_us / 1000000, read->text, read->text_len, &line), "cosign");
    must(ledger_cosign(ledger, size, "south.example", &public, line.data, start_us), "cosign");
    tf_buf_clear(&line);
    note_key_print(&as, &line);
    write_file(dir, "witness.vkey", &line);
    tf_buf_release(&line);
    tf_buf_release(&note);
    free(read);
    key_free(key);
}

static void write_key(const char *dir, const char *name, const struct key_secret *key)
{
    struct tf_buf text = TF_BUF_INIT(4096);
    must(key_write(key, NULL, &text), "key");
    write_file(dir, name, &text);
    tf_buf_release(&text);
}

int main(int argc, char **argv)
{
    char path[512], why[SQL_WHY_SIZE];
    struct sql *sql;
    struct ledger *ledger;
    if (argc < 3)
        return 2;
    const char *mode = argc > 3 ? argv[3] : "";
    unsigned long count = strtoul(argv[2], NULL, 10);
    struct key_secret *key = new_key(1), *second = new_key(2);
    bool rotates = strcmp(mode, "rotate") == 0;
    snprintf(path, sizeof path, "%s/party.db", argv[1]);
    must(sql_open(path, &sql, why), why);
    must(ledger_open(sql, ORIGIN, key, &ledger, why), why);
    for (unsigned long i = 0; i < count; i += 100) {
        add(sql, ledger, i, i + 100 < count ? i + 100 : count);
        if (rotates && i <= count / 2 && i + 100 > count / 2)
            rotate(sql, &ledger, second);
    }
    must(ledger_sign(ledger, start_us), "sign"); /* if the change of keys came last */
    if (count > 0)
        cosign(ledger, argv[1]);
    write_key(argv[1], "party.key", rotates ? second : key);
    write_key(argv[1], "first.key", key);
    for (unsigned long i = count; strcmp(mode, "live") == 0; i++) {
        add(sql, ledger, i, i + 1);
        if (i == count) {
            puts("ready");
            fflush(stdout);
        }
    }
    ledger_close(ledger);
    sql_close(sql);
    key_free(key);
    key_free(second);
    return 0;
}
