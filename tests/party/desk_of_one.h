/*
 * desk_of_one.h - a party in memory with a transaction open, for tests of one function at a time.
 */
#ifndef TESTS_PARTY_DESK_OF_ONE_H
#define TESTS_PARTY_DESK_OF_ONE_H

#include "party/internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct one {
    struct line_context c;
    struct key_secret *key;
};

static inline void one_begin(struct one *one, const char *database)
{
    char why[SQL_WHY_SIZE] = "";
    *one = (struct one){.c = {.now_us = INT64_C(1764288000000000), .actor = "tester"}};
    assert_int_equal(key_make(&one->key), TF_OK);
    one->c.key = one->key;
    one->c.card = (struct card){.id = "north.example",
                                .title = "North",
                                .ledger = "north.example/ledger",
                                .key = key_public_of(one->key)};
    assert_int_equal(sql_open(database, &one->c.sql, why), TF_OK);
    assert_int_equal(party_prepare(one->c.sql, why), TF_OK);
    assert_int_equal(party_prepare(one->c.sql, why), TF_OK); /* idempotent */
    assert_int_equal(ledger_open(one->c.sql, one->c.card.ledger, one->key, &one->c.ledger, why),
                     TF_OK);
    assert_int_equal(sql_begin(one->c.sql), TF_OK);
}

static inline void one_end(struct one *one)
{
    sql_rollback(one->c.sql);
    ledger_close(one->c.ledger);
    sql_close(one->c.sql);
    key_free(one->key);
}

#endif
