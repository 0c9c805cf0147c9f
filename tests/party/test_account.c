/*
 * test_account.c - operators, their sessions and tokens: who gets in, for how long, with what.
 */
#include "desk_of_one.h"

#define MINUTE_US INT64_C(60000000)

static const char password[] = "correct horse";

static struct account operator_named(const char *name, unsigned roles)
{
    struct account account = {.title = "An operator", .roles = roles};
    snprintf(account.name, sizeof account.name, "%s", name);
    assert_int_equal(account_hash(password, strlen(password), true, account.hash), TF_OK);
    return account;
}

static void put(struct one *one, const struct account *account, enum tf_status expected)
{
    struct tf_fault fault = {.message = NULL};
    assert_int_equal(account_put(&one->c, account, &fault), expected);
    assert_true(expected == TF_OK || fault.message);
}

static void roles_have_names(void **state)
{
    (void)state;
    unsigned roles;
    const char *bad;
    char text[96];
    for (unsigned set = 1; set <= ACCOUNT_ALL_ROLES; set++) {
        account_roles_print(set, text);
        assert_true(account_roles_parse(text, &roles, &bad));
        assert_int_equal(roles, set);
    }
    static const char *const wrong[] = {
        "", ",", "viewer,", ",viewer", "chef", "viewer,chef", "Viewer", "view", "viewers"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(account_roles_parse(wrong[i], &roles, &bad));
}

static void names_and_roles_are_checked(void **state)
{
    (void)state;
    struct one one;
    one_begin(&one, ":memory:");
    static const char *const names[] = {"", "-a", ".a", "_a", "A", "a b", "a/b", "\xc3\xa4"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct account account = operator_named(names[i], ACCOUNT_VIEWER);
        put(&one, &account, TF_RANGE);
    }
    struct account account = operator_named("a.b_c-9", 0);
    put(&one, &account, TF_RANGE);
    account.roles = 32;
    put(&one, &account, TF_RANGE);
    account.roles = ACCOUNT_VIEWER;
    put(&one, &account, TF_OK);
    one_end(&one);
}

static void passwords(void **state)
{
    (void)state;
    char hash[ACCOUNT_HASH_SIZE], long_one[300];
    memset(long_one, 'x', sizeof long_one);
    assert_int_equal(account_hash("ninechars", 9, true, hash), TF_RANGE);
    assert_int_equal(account_hash(long_one, 257, true, hash), TF_RANGE);
    assert_int_equal(account_hash(long_one, 256, true, hash), TF_OK);
    assert_true(account_verify(hash, long_one, 256));
    assert_false(account_verify(hash, long_one, 255));
    assert_int_equal(account_hash(password, strlen(password), true, hash), TF_OK);
    assert_true(account_verify(hash, password, strlen(password)));
    assert_false(account_verify(hash, "correct horsf", 13));
    assert_null(strstr(hash, password));
}

static void the_last_admin_stays(void **state)
{
    (void)state;
    struct one one;
    one_begin(&one, ":memory:");
    struct account first = operator_named("first", ACCOUNT_ADMIN | ACCOUNT_VIEWER);
    struct account second = operator_named("second", ACCOUNT_ADMIN);
    put(&one, &first, TF_OK);
    first.roles = ACCOUNT_VIEWER;
    put(&one, &first, TF_UNSUPPORTED);
    first.roles = ACCOUNT_ADMIN;
    first.is_disabled = true;
    put(&one, &first, TF_UNSUPPORTED);
    put(&one, &second, TF_OK);
    put(&one, &first, TF_OK);
    second.is_disabled = true;
    put(&one, &second, TF_UNSUPPORTED);
    one_end(&one);
}

static void sessions_live_their_time(void **state)
{
    (void)state;
    struct one one;
    char secret[ACCOUNT_SECRET_SIZE], other[ACCOUNT_SECRET_SIZE];
    struct account_session session, found;
    one_begin(&one, ":memory:");
    struct account account = operator_named("a", ACCOUNT_VIEWER | ACCOUNT_DUTY_OFFICER);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_NOT_FOUND);
    put(&one, &account, TF_OK);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    assert_int_equal(session_open(&one.c, "a", other, &found), TF_OK);
    assert_string_not_equal(secret, other);
    assert_memory_not_equal(session.csrf, found.csrf, sizeof found.csrf);
    assert_int_equal(session_find(&one.c, secret, &found), TF_OK);
    assert_string_equal(found.name, "a");
    assert_int_equal(found.roles, account.roles);
    assert_memory_equal(found.csrf, session.csrf, sizeof found.csrf);
    assert_int_equal(session_find(&one.c, "s_nonsense", &found), TF_NOT_FOUND);
    /* Used every hour it lives for a day; unused, for eight hours. */
    for (int hour = 1; hour < 24; hour++) {
        one.c.now_us += 60 * MINUTE_US;
        assert_int_equal(session_find(&one.c, secret, &found), TF_OK);
    }
    one.c.now_us += 61 * MINUTE_US;
    assert_int_equal(session_find(&one.c, secret, &found), TF_NOT_FOUND);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    one.c.now_us += SESSION_IDLE_S * INT64_C(1000000) - MINUTE_US;
    assert_int_equal(session_find(&one.c, secret, &found), TF_OK);
    one.c.now_us += SESSION_IDLE_S * INT64_C(1000000) + MINUTE_US;
    assert_int_equal(session_find(&one.c, secret, &found), TF_NOT_FOUND);
    one_end(&one);
}

static void what_ends_a_session(void **state)
{
    (void)state;
    struct one one;
    char secret[ACCOUNT_SECRET_SIZE];
    struct account_session session;
    one_begin(&one, ":memory:");
    struct account account = operator_named("a", ACCOUNT_VIEWER);
    put(&one, &account, TF_OK);
    /* another title does not */
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    struct account same = account;
    same.hash[0] = '\0';
    put(&one, &same, TF_OK);
    assert_int_equal(session_find(&one.c, secret, &session), TF_OK);
    /* another password does */
    put(&one, &account, TF_OK);
    assert_int_equal(session_find(&one.c, secret, &session), TF_NOT_FOUND);
    /* logging out does */
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    assert_int_equal(session_close(&one.c, secret), TF_OK);
    assert_int_equal(session_find(&one.c, secret, &session), TF_NOT_FOUND);
    /* being disabled does, and keeps out */
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    same.is_disabled = true;
    put(&one, &same, TF_OK);
    assert_int_equal(session_find(&one.c, secret, &session), TF_NOT_FOUND);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_NOT_FOUND);
    one_end(&one);
}

static void a_password_that_was_given_must_be_changed(void **state)
{
    (void)state;
    struct one one;
    char secret[ACCOUNT_SECRET_SIZE];
    struct account_session session;
    one_begin(&one, ":memory:");
    struct account account = operator_named("a", ACCOUNT_VIEWER), found;
    account.must_change = true;
    put(&one, &account, TF_OK);
    account.hash[0] = '\0'; /* another title does not settle it */
    account.must_change = false;
    put(&one, &account, TF_OK);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    assert_int_equal(session_find(&one.c, secret, &session), TF_OK);
    assert_true(session.must_change);
    struct account own = operator_named("a", ACCOUNT_VIEWER);
    put(&one, &own, TF_OK);
    assert_int_equal(account_find(&one.c, "a", &found), TF_OK);
    assert_false(found.must_change);
    one_end(&one);
}

static bool count_token(void *ctx, const struct account_token *token)
{
    char *id = ctx;
    memcpy(id, token->id, sizeof token->id);
    return true;
}

static void tokens(void **state)
{
    (void)state;
    struct one one;
    char secret[ACCOUNT_SECRET_SIZE], id[17] = "";
    struct account_session found;
    struct tf_fault fault;
    one_begin(&one, ":memory:");
    struct account account = operator_named("a", ACCOUNT_VIEWER | ACCOUNT_PLANNER);
    int64_t until_us = one.c.now_us + 60 * MINUTE_US;
    assert_int_equal(account_token_make(&one.c, "a", "t", ACCOUNT_VIEWER, until_us, secret, &fault),
                     TF_NOT_FOUND);
    put(&one, &account, TF_OK);
    assert_int_equal(account_token_make(&one.c, "a", "t", ACCOUNT_ADMIN, until_us, secret, &fault),
                     TF_RANGE);
    assert_int_equal(
        account_token_make(&one.c, "a", "t", ACCOUNT_VIEWER, one.c.now_us, secret, &fault),
        TF_RANGE);
    assert_int_equal(account_token_make(&one.c, "a", "t", account.roles, until_us, secret, &fault),
                     TF_OK);
    assert_int_equal(session_find(&one.c, secret, &found), TF_OK);
    assert_true(found.is_token);
    assert_int_equal(found.roles, account.roles);
    /* never more than its operator may */
    account.roles = ACCOUNT_VIEWER;
    put(&one, &account, TF_OK);
    assert_int_equal(session_find(&one.c, secret, &found), TF_OK);
    assert_int_equal(found.roles, ACCOUNT_VIEWER);
    one.c.now_us += 61 * MINUTE_US;
    assert_int_equal(session_find(&one.c, secret, &found), TF_NOT_FOUND);
    one.c.now_us -= 60 * MINUTE_US;
    assert_int_equal(account_token_each(&one.c, count_token, id), TF_OK);
    assert_int_equal(account_token_revoke(&one.c, id), TF_OK);
    assert_int_equal(account_token_revoke(&one.c, id), TF_NOT_FOUND);
    assert_int_equal(session_find(&one.c, secret, &found), TF_NOT_FOUND);
    one_end(&one);
}

static bool find_secret(void *ctx, uint64_t index, const char *entry, size_t len)
{
    (void)index;
    char *copy = strndup(entry, len);
    assert_non_null(copy);
    assert_null(strstr(copy, password));
    assert_null(strstr(copy, "s_"));
    assert_null(strstr(copy, "$argon2"));
    assert_non_null(strstr(copy, "\"kind\":\"admin\""));
    assert_non_null(strstr(copy, "\"by\":\"tester\""));
    free(copy);
    ++*(int *)ctx;
    return true;
}

static void the_ledger_tells_who_did_it_and_no_secret(void **state)
{
    (void)state;
    struct one one;
    char secret[ACCOUNT_SECRET_SIZE];
    struct account_session session;
    int entries = 0;
    one_begin(&one, ":memory:");
    struct account account = operator_named("a", ACCOUNT_VIEWER);
    put(&one, &account, TF_OK);
    put(&one, &account, TF_OK);
    assert_int_equal(session_open(&one.c, "a", secret, &session), TF_OK);
    assert_int_equal(ledger_each(one.c.ledger, 0, 100, find_secret, &entries), TF_OK);
    assert_int_equal(entries, 3);
    one_end(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_have_names),
        cmocka_unit_test(names_and_roles_are_checked),
        cmocka_unit_test(passwords),
        cmocka_unit_test(the_last_admin_stays),
        cmocka_unit_test(sessions_live_their_time),
        cmocka_unit_test(what_ends_a_session),
        cmocka_unit_test(a_password_that_was_given_must_be_changed),
        cmocka_unit_test(tokens),
        cmocka_unit_test(the_ledger_tells_who_did_it_and_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
