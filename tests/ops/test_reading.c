/*
 * test_reading.c - who reads sensitive sites is in the ledger: the first time before the answer,
 * and once in an hour after that.
 */
#include "desk.h"

#include "ops/reading.h"
#include <stdio.h>
#include <string.h>

enum { MANY = 3000 };

static void put_site(struct test_desk *desk, const char *id, double lat_deg, bool is_sensitive,
                     bool is_again)
{
    const struct place place = {id, TF_KIND_SITE,       lat_deg, 7, 300, 0, 100, 0, 1000,
                                0,  TF_RESTRICTION_NONE};
    struct tf_entity entity;
    struct ops_written written;
    struct tf_fault fault;
    json_t *extra = json_pack("{s:b}", "sensitive", is_sensitive);
    struct ops_draft draft = {
        .class = OPS_SITE, .entity = &entity, .extra = extra, .if_match = is_again ? "*" : NULL};
    test_entity(&place, &entity);
    test_begin(desk);
    assert_int_equal(ops_site_put(desk->ops, &desk->c, &draft, NULL, &desk->who, &written, &fault),
                     TF_OK);
    test_commit(desk);
    json_decref(extra);
    tf_entity_release(&entity);
}

static bool see(void *ctx, const struct ops_site *site)
{
    (void)site;
    ++*(size_t *)ctx;
    return true;
}

/* As somebody reads all sites; how many there are. */
static size_t read_sites(struct test_desk *desk, const char *actor, const char *purpose)
{
    struct ops_filter filter = {.owner = "", .limit = 10000};
    size_t seen = 0;
    desk->c.actor = actor;
    assert_int_equal(ops_site_each(desk->ops, &desk->c, &filter, purpose, see, &seen), TF_OK);
    desk->c.actor = "anna";
    return seen;
}

/* What entries of reading say, in sum. */
struct reads {
    size_t entries, sites;
    char last[200]; /* the beginning of the last one */
};

static bool take(void *ctx, uint64_t index, const char *text, size_t len)
{
    struct reads *reads = ctx;
    json_t *entry = json_loadb(text, len, 0, NULL);
    (void)index;
    if (strcmp(json_string_value(json_object_get(entry, "kind")), "site-read") == 0) {
        reads->entries++;
        reads->sites += json_array_size(json_object_get(entry, "sites"));
        snprintf(reads->last, sizeof reads->last, "%.*s", (int)(len < 199 ? len : 199), text);
    }
    json_decref(entry);
    return true;
}

static struct reads reads_of(struct test_desk *desk)
{
    struct reads reads = {.entries = 0};
    uint64_t size = test_ledger_size(desk);
    assert_int_equal(ledger_each(desk->ledger, 0, size, take, &reads), TF_OK);
    return reads;
}

/* A read, and the entries that there are then. */
static size_t entries_after(struct test_desk *desk, const char *actor, const char *purpose)
{
    test_begin(desk);
    assert_true(read_sites(desk, actor, purpose) > 0);
    test_commit(desk);
    return reads_of(desk).entries;
}

static void one_entry_for_each_hour(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    put_site(&desk, "shelter", 36.1, true, false);
    put_site(&desk, "depot", 36.2, false, false);
    assert_int_equal(entries_after(&desk, "anna", "list"), 1);
    assert_int_equal(reads_of(&desk).sites, 1); /* the depot is nobody's secret */
    assert_non_null(strstr(reads_of(&desk).last,
                           "\"actor\":\"anna\",\"purpose\":\"list\",\"sites\":"
                           "[{\"id\":\"shelter\",\"version\":1}]"));
    int64_t first_us = desk.c.now_us;
    assert_int_equal(entries_after(&desk, "anna", "list"), 1);
    assert_int_equal(entries_after(&desk, "boris", "list"), 2); /* somebody else */
    assert_int_equal(entries_after(&desk, "anna", "check"), 3); /* for something else */
    put_site(&desk, "shelter", 36.3, true, true);               /* something else */
    assert_int_equal(entries_after(&desk, "anna", "list"), 4);
    put_site(&desk, "clinic", 36.4, true, false);
    assert_int_equal(entries_after(&desk, "anna", "list"), 5);
    assert_int_equal(reads_of(&desk).sites, 5); /* the new one alone */
    assert_int_equal(entries_after(&desk, "anna", "list"), 5);
    /* An hour is counted from the entry. */
    int64_t last_us = desk.c.now_us;
    desk.c.now_us = first_us + INT64_C(3599) * 1000000;
    assert_int_equal(entries_after(&desk, "boris", "list"), 6); /* the second site is new to him */
    assert_int_equal(entries_after(&desk, "anna", "list"), 6);
    desk.c.now_us = last_us + INT64_C(3600) * 1000000;
    assert_int_equal(entries_after(&desk, "anna", "list"), 7);
    assert_int_equal(entries_after(&desk, "anna", "list"), 7);
    /* A clock that was set back hides nothing. */
    desk.c.now_us = first_us - INT64_C(86400000000);
    assert_int_equal(entries_after(&desk, "anna", "list"), 8);
    test_desk_close(&desk);
}

/* An answer that was not given is no reading, and hides none. */
static void undone(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    put_site(&desk, "shelter", 36.1, true, false);
    test_begin(&desk);
    assert_int_equal(read_sites(&desk, "anna", "list"), 1);
    test_rollback(&desk);
    assert_int_equal(reads_of(&desk).entries, 0);
    assert_int_equal(entries_after(&desk, "anna", "list"), 1);
    test_desk_close(&desk);
}

/* What cannot be written down is not answered. */
static enum tf_status refuse(void *ctx)
{
    (void)ctx;
    return TF_LIMIT;
}

static void full_disk(void **state)
{
    (void)state;
    struct test_desk desk;
    struct ops_filter filter = {.owner = "", .limit = 10};
    size_t seen = 0;
    test_desk_open(&desk, NULL);
    put_site(&desk, "shelter", 36.1, true, false);
    test_begin(&desk);
    sql_set_fault(desk.sql, refuse, NULL);
    assert_int_equal(ops_site_each(desk.ops, &desk.c, &filter, "list", see, &seen), TF_LIMIT);
    sql_set_fault(desk.sql, NULL, NULL);
    test_rollback(&desk);
    assert_int_equal(reads_of(&desk).entries, 0);
    test_desk_close(&desk);
}

/* More than one entry holds: each site once, and all of them stand. */
static void a_long_list(void **state)
{
    (void)state;
    struct test_desk desk;
    test_desk_open(&desk, NULL);
    struct ops_site_reading reading = {.c = &desk.c, .purpose = "list"};
    json_t *body = json_pack("{s:s, s:i, s:b}", "id", "", "version", 1, "sensitive", 1);
    for (int again = 0; again < 2; again++) {
        test_begin(&desk);
        for (int i = 0; i < 2 * MANY; i++) { /* each of them twice */
            char id[24];
            snprintf(id, sizeof id, "site-%d", i % MANY);
            assert_int_equal(json_object_set_new(body, "id", json_string(id)), 0);
            assert_int_equal(ops_reading_body(&reading, "0123456789abcdef", body), TF_OK);
        }
        assert_int_equal(ops_reading_end(&reading), TF_OK);
        test_commit(&desk);
        struct reads reads = reads_of(&desk);
        assert_true(reads.entries > 1);
        assert_int_equal(reads.sites, MANY);
    }
    json_decref(body);
    test_desk_close(&desk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_entry_for_each_hour),
        cmocka_unit_test(undone),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(a_long_list),
    };
    return cmocka_run_group_tests_name("reading", tests, NULL, NULL);
}
