/*
 * desk.h - a party's register for a test: a database, a ledger, a clock that the test turns.
 */
#ifndef TESTS_OPS_DESK_H
#define TESTS_OPS_DESK_H

#include "ops/declaration.h"
#include "ops/site.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct place {
    const char *id;
    enum tf_kind kind;
    double lat_deg, lng_deg, radius_m, lower_m, upper_m; /* W84 */
    double from_h, until_h;                              /* after TEST_NOW */
    int priority;
    enum tf_restriction restriction; /* of a zone */
};

#define TEST_NOW_US INT64_C(1795824000000000) /* 2026-11-28T00:00:00Z */

struct test_desk {
    struct sql *sql;
    struct ledger *ledger;
    struct key_secret *key;
    struct ops *ops;
    struct line_context c;
    struct ops_who who;
};
/* ops_prepare(), and ids that follow from `which` alone, so that a seed gives the same again. */
void test_prepare(struct sql *sql, int which);
/* The memory of a node that has just started, beside what the context has. */
struct ops *test_ops_start(struct line_context *c,
                           struct line_extension extensions[OPS_EXTENSIONS]);
/* where NULL: in memory, or on the server of TAFADI_TEST_DATABASE. */
void test_desk_open(struct test_desk *desk, const char *where);
void test_desk_close(struct test_desk *desk);
/* A second memory, made from the database alone. */
struct ops *test_desk_again(void);

void test_begin(struct test_desk *desk);
void test_commit(struct test_desk *desk);
void test_rollback(struct test_desk *desk);

void test_entity(const struct place *place, struct tf_entity *out);
enum ops_class test_class(const struct place *place);
/* if_match NULL: new. */
enum tf_status test_put(struct test_desk *desk, const struct place *place, const char *if_match,
                        struct ops_written *written, struct tf_fault *fault);
/* `allow` is JSON, or NULL. The verdict is the caller's. */
enum tf_status test_act(struct test_desk *desk, const char *id, enum ops_act act, const char *allow,
                        struct ops_verdict *verdict, struct ops_written *written);
/* Whether it is a message that a memorandum limits; fails if it says more than that gives. */
bool test_judge(const struct line_context *c, const char *line, const struct message *message);
uint64_t test_ledger_size(struct test_desk *desk);
/* The last entry of the ledger has this text. */
bool test_ledger_says(struct test_desk *desk, const char *text);

#endif
