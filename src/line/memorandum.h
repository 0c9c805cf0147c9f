/*
 * memorandum.h - the agreed rules of a line: a document read and checked whole, what it says
 * on each point, and how two of them differ, in plain words.
 */
#ifndef TF_LINE_MEMORANDUM_H
#define TF_LINE_MEMORANDUM_H

#include "line/message.h"
#include <tafadi/conflict.h>

enum { MEMO_MAX = 32768, MEMO_RULES_MAX = 64, MEMO_LADDER_MAX = 8, MEMO_PAIR_KINDS = 16 };

enum memo_disclosure { MEMO_NOTHING, MEMO_EXISTENCE, MEMO_WINDOW, MEMO_CELLS, MEMO_FULL };

/* What happens to a case about which there was no agreement in time; an alarm rings in any case.
 * What is in the air already is never changed by it. */
enum memo_default {
    MEMO_ESCALATE,   /* nothing more */
    MEMO_MOVER_HOLDS /* whose turn it is to move takes his acceptance back */
};

struct memo_separation {
    char a[16], b[16]; /* kinds of operation, "*" for any */
    double horizontal_m, vertical_m, time_s;
};
struct memo_kind_rule {
    char kind[16]; /* "*" for any */
    int64_t notice_s;
    enum memo_disclosure disclosure;
};
struct memo_rung {
    char role[MESSAGE_ROLE_SIZE];
    int64_t after_s; /* beyond the rung before; of the first, beyond the deadline */
};

/* Read from the document's bytes. What is absent has the default. */
struct memorandum {
    char line[LINE_ID_SIZE];
    int64_t number;
    bool has_replaced;
    uint8_t replaces[KEY_HASH_SIZE];
    int64_t valid_from_us, valid_until_us;
    int64_t deliver_s, seen_s, answer_s; /* 60, 300, 1800 */
    int64_t heartbeat_s;                 /* 60; 3 to 3600 */
    int64_t drill_every_s;               /* 0: none */
    struct memo_rung ladder[MEMO_LADDER_MAX];
    size_t rungs; /* at least 1 */
    struct memo_separation separation[MEMO_RULES_MAX];
    size_t separations;
    struct memo_kind_rule kinds[MEMO_RULES_MAX];
    size_t kind_rules;
    enum memo_default no_agreement;
    struct tf_shape *area; /* owned; NULL: everywhere */
    json_t *document;      /* owned: all of it, for showing */
};

/* The defaults that hold while no memorandum is in force. */
void memo_defaults(struct memorandum *out);
TF_MUST_CHECK enum tf_status memo_read(const char *text, size_t len, struct memorandum *out,
                                       struct tf_fault *fault);
void memo_release(struct memorandum *memo); /* idempotent */
void memo_hash(const char *text, size_t len, uint8_t out[KEY_HASH_SIZE]);
/* What separation two kinds keep: the rule that names both (in either order), else the
 * greatest of those with "*" in each minimum, else the defaults of docs/separation.md (a word that
 * is not a kind has those of "other"). */
struct memo_separation memo_separation_of(const struct memorandum *memo, const char *a,
                                          const char *b);
/* The rule of a kind, else that of "*", else no notice and nothing disclosed. */
struct memo_kind_rule memo_rule_of(const struct memorandum *memo, const char *kind);
const char *memo_disclosure_name(enum memo_disclosure disclosure); /* "cells" */
const char *memo_default_name(enum memo_default no_agreement);     /* "mover-holds" */
/* Whether a type that is not of the built-in safety floor was added to it. */
bool memo_adds_to_floor(const struct memorandum *memo, const char *type);
/* One change between two documents. Texts are for people: a path, the old and the new value.
 * What is absent and what is written as its default are the same. `label` is the path's sentence,
 * marked for translation, with places %1 and %2 for `arg` ("" where there is none). */
struct memo_change {
    const char *path, *before, *after; /* NULL: was not there; is not there any more */
    const char *label, *arg[2];
};
TF_MUST_CHECK enum tf_status memo_diff(const struct memorandum *before,
                                       const struct memorandum *after,
                                       bool (*visit)(void *ctx, const struct memo_change *change),
                                       void *ctx);
/* A document to start from, all points filled with the defaults; appended. */
TF_MUST_CHECK enum tf_status memo_template(const char *line, int64_t number,
                                           const uint8_t replaces[KEY_HASH_SIZE], int64_t from_us,
                                           int64_t until_us, struct tf_buf *out);

#endif
