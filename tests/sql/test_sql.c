/*
 * test_sql.c - one suite for both databases: in memory, a file, and, if TAFADI_TEST_DATABASE has
 * its connection string, a server.
 */
#include "sql/sql.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *where; /* of the present round */
static char file[] = "/tmp/tafadi-sql-XXXXXX";

static struct sql *open_it(void)
{
    struct sql *sql;
    char why[SQL_WHY_SIZE];
    enum tf_status rc = sql_open(where, &sql, why);
    if (rc)
        print_error("%s: %s\n", where, why);
    assert_int_equal(rc, TF_OK);
    return sql;
}

static const char *const steps[] = {
    "CREATE TABLE t (id BIGINT PRIMARY KEY, name TEXT, bytes @BLOB@) @STRICT@",
    "CREATE TABLE u (id @IDENTITY@, t BIGINT NOT NULL) @STRICT@"};

static void empty(struct sql *sql)
{
    char why[SQL_WHY_SIZE];
    assert_int_equal(sql_migrate(sql, "test", steps, 2, why), TF_OK);
    assert_int_equal(sql_exec(sql, "DELETE FROM t", SQL_NO_ARGS, NULL), TF_OK);
    assert_int_equal(sql_exec(sql, "DELETE FROM u", SQL_NO_ARGS, NULL), TF_OK);
}

static int64_t count_of(struct sql *sql)
{
    struct sql_rows rows;
    assert_int_equal(sql_query(sql, "SELECT count(*) FROM t", SQL_NO_ARGS, &rows), TF_OK);
    int64_t count = sql_at(&rows, 0, 0)->number;
    sql_rows_release(&rows);
    return count;
}

static enum tf_status add(struct sql *sql, int64_t id)
{
    return sql_exec(sql, "INSERT INTO t (id, name) VALUES ($1, $2)",
                    SQL_ARGS(sql_int(id), sql_text("x")), NULL);
}

static void test_values(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1732400000000000};
    static const char bytes[] = {0, 1, (char)0xFF, 0, '\'', '\\'};
    struct sql *sql = open_it();
    empty(sql);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct sql_rows rows;
        /* Places out of order, and one used twice. */
        assert_int_equal(sql_exec(sql, "INSERT INTO t (bytes, id, name) VALUES ($3, $1, $2)",
                                  SQL_ARGS(sql_int(numbers[i]), sql_text("تفادي \"'\\"),
                                           sql_blob(bytes, sizeof bytes)),
                                  NULL),
                         TF_OK);
        assert_int_equal(sql_query(sql, "SELECT id, name, bytes FROM t WHERE id = $1 AND id = $1",
                                   SQL_ARGS(sql_int(numbers[i])), &rows),
                         TF_OK);
        assert_int_equal(rows.count, 1);
        assert_int_equal(rows.columns, 3);
        assert_true(sql_at(&rows, 0, 0)->number == numbers[i]);
        assert_string_equal(sql_at(&rows, 0, 1)->bytes, "تفادي \"'\\");
        assert_int_equal(sql_at(&rows, 0, 2)->type, SQL_BLOB);
        assert_int_equal(sql_at(&rows, 0, 2)->len, sizeof bytes);
        assert_memory_equal(sql_at(&rows, 0, 2)->bytes, bytes, sizeof bytes);
        sql_rows_release(&rows);
        sql_rows_release(&rows);
    }
    sql_close(sql);
}

static void test_empty_is_not_null(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    struct sql_rows rows;
    empty(sql);
    assert_int_equal(
        sql_exec(sql, "INSERT INTO t (id, name, bytes) VALUES (1, $1, $2), (2, $3, $4)",
                 SQL_ARGS(sql_text(""), sql_blob("", 0), sql_text(NULL), sql_null()), NULL),
        TF_OK);
    assert_int_equal(sql_query(sql, "SELECT name, bytes FROM t ORDER BY id", SQL_NO_ARGS, &rows),
                     TF_OK);
    assert_int_equal(rows.count, 2);
    assert_int_equal(sql_at(&rows, 0, 0)->type, SQL_TEXT);
    assert_int_equal(sql_at(&rows, 0, 0)->len, 0);
    assert_int_equal(sql_at(&rows, 0, 1)->type, SQL_BLOB);
    assert_int_equal(sql_at(&rows, 0, 1)->len, 0);
    assert_int_equal(sql_at(&rows, 1, 0)->type, SQL_NULL);
    assert_int_equal(sql_at(&rows, 1, 1)->type, SQL_NULL);
    sql_rows_release(&rows);
    sql_close(sql);
}

static void test_marks(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    empty(sql);
    assert_int_equal(sql_begin(sql), TF_OK);
    assert_int_equal(sql_mark(sql), TF_OK);
    assert_int_equal(add(sql, 1), TF_OK);
    assert_int_equal(sql_keep(sql), TF_OK);
    assert_int_equal(sql_mark(sql), TF_OK);
    assert_int_equal(add(sql, 2), TF_OK);
    assert_int_equal(add(sql, 1), TF_EXISTS); /* and the way back to the mark is open */
    assert_int_equal(sql_undo(sql), TF_OK);
    assert_int_equal(count_of(sql), 1);
    assert_int_equal(sql_mark(sql), TF_OK);
    assert_int_equal(add(sql, 3), TF_OK);
    assert_int_equal(sql_keep(sql), TF_OK);
    assert_int_equal(sql_commit(sql), TF_OK);
    assert_int_equal(count_of(sql), 2);
    assert_int_equal(sql_begin(sql), TF_OK);
    assert_int_equal(add(sql, 4), TF_OK);
    sql_rollback(sql);
    assert_int_equal(count_of(sql), 2);
    assert_int_equal(sql_commit(sql), TF_SYNTAX); /* none is open */
    sql_close(sql);
}

static enum tf_status send_it(struct sql *sql, int64_t id)
{
    return sql_send(sql, "INSERT INTO t (id, name) VALUES ($1, $2)",
                    SQL_ARGS(sql_int(id), sql_text("x")));
}

/* All sent are there for whoever asks next, and after the end. */
static void test_sent(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    struct sql *sql = open_it();
    empty(sql);
    assert_int_equal(send_it(sql, 0), TF_SYNTAX); /* no transaction */
    assert_int_equal(sql_begin(sql), TF_OK);
    for (int64_t i = 0; i < MANY; i++) {
        assert_int_equal(send_it(sql, i), TF_OK);
        if (i % 300 == 7)
            assert_int_equal(count_of(sql), i + 1);
    }
    assert_int_equal(sql_mark(sql), TF_OK);
    assert_int_equal(send_it(sql, MANY), TF_OK);
    assert_int_equal(sql_undo(sql), TF_OK);
    assert_int_equal(sql_commit(sql), TF_OK);
    assert_int_equal(count_of(sql), MANY);
    sql_close(sql);
}

/* Of ids 0 to 19 one is sent twice: what the first call that does not succeed says. */
static enum tf_status send_twice(struct sql *sql, int64_t twice,
                                 enum tf_status (*last)(struct sql *))
{
    enum tf_status rc = TF_OK;
    for (int64_t i = 0; i < 20 && !rc; i++) {
        rc = send_it(sql, i);
        if (!rc && i == twice)
            rc = send_it(sql, i);
    }
    return rc ? rc : last(sql);
}

/* A failure is told, whenever, and takes with it no more and no less than it would at once. */
static void test_sent_and_failed(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    for (int64_t twice = 0; twice < 20; twice++) {
        empty(sql);
        assert_int_equal(sql_begin(sql), TF_OK);
        assert_int_equal(add(sql, 100), TF_OK);
        assert_int_equal(sql_mark(sql), TF_OK);
        assert_int_equal(send_twice(sql, twice, sql_keep), TF_EXISTS);
        assert_int_equal(sql_undo(sql), TF_OK);
        assert_int_equal(send_it(sql, 101), TF_OK);
        assert_int_equal(sql_commit(sql), TF_OK);
        assert_int_equal(count_of(sql), 2);

        assert_int_equal(sql_begin(sql), TF_OK);
        assert_int_equal(send_twice(sql, twice, sql_mark), TF_EXISTS);
        sql_rollback(sql);
        assert_int_equal(count_of(sql), 2);

        if (sql_is_shared(sql)) { /* SQLite says it at once, and keeps the rest */
            assert_int_equal(sql_begin(sql), TF_OK);
            assert_int_equal(send_twice(sql, twice, sql_commit), TF_EXISTS);
            assert_int_equal(count_of(sql), 2);
        }
    }
    sql_close(sql);
}

/* Rows of every shape, so many that they go out together or not: what is read is what was sent. */
static void test_sent_shapes(void **state)
{
    (void)state;
    enum { LARGE = 300000 };
    static const int counts[] = {1, 7, 8, 9, 10, 1023, 1024, 1025, 2100};
    static char large[LARGE];
    struct sql *sql = open_it();
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        struct sql_rows rows;
        empty(sql);
        assert_int_equal(sql_begin(sql), TF_OK);
        for (int i = 0; i < counts[c]; i++) {
            /* Nulls here and there, and at 9 in the whole column. */
            const char *name = i % 3 || counts[c] == 9 ? NULL : i % 2 ? "" : "تفادي \"'\\{},";
            size_t len = i % 500 == 42 ? LARGE : (size_t)(i % 5);
            large[0] = (char)i;
            assert_int_equal(sql_send(sql, "INSERT INTO t (id, name, bytes) VALUES ($1, $2, $3)",
                                      SQL_ARGS(sql_int(i == 0 ? INT64_MIN : i), sql_text(name),
                                               i % 7 == 6 ? sql_null() : sql_blob(large, len))),
                             TF_OK);
        }
        assert_int_equal(sql_commit(sql), TF_OK);
        assert_int_equal(
            sql_query(sql, "SELECT id, name, bytes FROM t ORDER BY id", SQL_NO_ARGS, &rows), TF_OK);
        assert_int_equal(rows.count, counts[c]);
        for (int i = 0; i < counts[c]; i++) {
            const struct sql_value *row = sql_at(&rows, (size_t)i, 0);
            assert_true(row[0].number == (i == 0 ? INT64_MIN : i));
            assert_int_equal(row[1].type, i % 3 || counts[c] == 9 ? SQL_NULL : SQL_TEXT);
            if (row[1].type == SQL_TEXT)
                assert_string_equal(row[1].bytes, i % 2 ? "" : "تفادي \"'\\{},");
            assert_int_equal(row[2].type, i % 7 == 6 ? SQL_NULL : SQL_BLOB);
            size_t len = i % 7 == 6 ? 0 : i % 500 == 42 ? LARGE : (size_t)(i % 5);
            assert_int_equal(row[2].len, len);
            if (len)
                assert_int_equal(row[2].bytes[0], (char)i);
        }
        sql_rows_release(&rows);
    }
    sql_close(sql);
}

/* Of two tables in turns, and rows in between that others of the transaction read or change. */
static void test_sent_in_turns(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    int64_t changed = 0;
    empty(sql);
    assert_int_equal(sql_begin(sql), TF_OK);
    for (int64_t i = 0; i < 100; i++) {
        assert_int_equal(send_it(sql, i), TF_OK);
        if (i % 20 == 13)
            assert_int_equal(sql_send(sql, "INSERT INTO u (t) VALUES ($1)", SQL_ARGS(sql_int(i))),
                             TF_OK);
        if (i % 20 == 17) {
            assert_int_equal(sql_exec(sql, "UPDATE t SET name = 'y' WHERE id <= $1",
                                      SQL_ARGS(sql_int(i)), &changed),
                             TF_OK);
            assert_int_equal(changed, i + 1);
        }
        if (i % 20 == 19)
            assert_int_equal(sql_script(sql, "UPDATE t SET name = 'z'"), TF_OK);
    }
    assert_int_equal(sql_exec(sql, "DELETE FROM t WHERE name = 'z'", SQL_NO_ARGS, &changed), TF_OK);
    assert_int_equal(changed, 100);
    assert_int_equal(sql_exec(sql, "DELETE FROM u", SQL_NO_ARGS, &changed), TF_OK);
    assert_int_equal(changed, 5);
    assert_int_equal(sql_commit(sql), TF_OK);
    sql_close(sql);
}

static void test_returning_and_changed(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    struct sql_rows rows;
    int64_t changed = -1, last = 0;
    empty(sql);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(sql_query(sql, "INSERT INTO u (t) VALUES ($1) RETURNING id",
                                   SQL_ARGS(sql_int(i)), &rows),
                         TF_OK);
        assert_int_equal(rows.count, 1);
        assert_true(sql_at(&rows, 0, 0)->number > last);
        last = sql_at(&rows, 0, 0)->number;
        sql_rows_release(&rows);
    }
    assert_int_equal(
        sql_exec(sql, "UPDATE u SET t = t + 1 WHERE t >= $1", SQL_ARGS(sql_int(3)), &changed),
        TF_OK);
    assert_int_equal(changed, 2);
    assert_int_equal(sql_exec(sql, "DELETE FROM u WHERE t = 100", SQL_NO_ARGS, &changed), TF_OK);
    assert_int_equal(changed, 0);
    sql_close(sql);
}

static void test_migration(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    char why[SQL_WHY_SIZE] = "";
    empty(sql);
    assert_int_equal(sql_migrate(sql, "test", steps, 2, why), TF_OK); /* nothing to do */
    assert_int_equal(sql_migrate(sql, "test", steps, 1, why), TF_UNSUPPORTED);
    assert_non_null(strstr(why, "newer"));
    static const char *const bad[] = {
        "CREATE TABLE v (id BIGINT PRIMARY KEY) @STRICT@",
        "CREATE TABLE w (id BIGINT PRIMARY KEY) @STRICT@; SELECT nonsense"};
    assert_int_equal(sql_migrate(sql, "bad", bad, 2, why), TF_SYNTAX);
    /* The step that failed left nothing; the one before stays. */
    struct sql_rows rows;
    assert_int_equal(
        sql_query(sql, "SELECT version FROM sql_module WHERE name = 'bad'", SQL_NO_ARGS, &rows),
        TF_OK);
    assert_int_equal(rows.count, 1);
    assert_int_equal(sql_at(&rows, 0, 0)->number, 1);
    sql_rows_release(&rows);
    assert_int_equal(sql_exec(sql, "INSERT INTO w (id) VALUES (1)", SQL_NO_ARGS, NULL), TF_SYNTAX);
    assert_int_equal(sql_exec(sql, "DELETE FROM sql_module WHERE name = 'bad'", SQL_NO_ARGS, NULL),
                     TF_OK);
    assert_int_equal(sql_script(sql, "DROP TABLE v"), TF_OK);
    sql_close(sql);
}

struct countdown {
    int left;
};
static enum tf_status fail_at_last(void *ctx)
{
    struct countdown *countdown = ctx;
    return countdown->left-- == 0 ? TF_LIMIT : TF_OK;
}

/* Whichever write or commit fails, what was there before is there, and nothing else. */
static void test_faults(void **state)
{
    (void)state;
    struct sql *sql = open_it();
    empty(sql);
    bool finished = false;
    for (int n = 0; !finished; n++) {
        struct countdown countdown = {n};
        int64_t before = count_of(sql);
        sql_set_fault(sql, fail_at_last, &countdown);
        enum tf_status rc = sql_begin(sql);
        for (int i = 0; i < 4 && !rc; i++)
            rc = add(sql, 100 * n + i);
        if (!rc)
            rc = sql_commit(sql);
        else
            sql_rollback(sql);
        sql_set_fault(sql, NULL, NULL);
        finished = rc == TF_OK;
        if (!finished)
            assert_int_equal(rc, TF_LIMIT);
        assert_int_equal(count_of(sql), before + (finished ? 4 : 0));
        assert_true(n < 10);
    }
    sql_close(sql);
}

/* Two connections add to one number: each addition counts once, or was refused. */
static void test_two_writers(void **state)
{
    (void)state;
    if (strcmp(where, ":memory:") == 0)
        skip();
    struct sql *pair[2] = {open_it(), open_it()};
    int64_t added = 0;
    empty(pair[0]);
    assert_int_equal(add(pair[0], 7), TF_OK);
    assert_int_equal(sql_exec(pair[0], "INSERT INTO u (t) VALUES (0)", SQL_NO_ARGS, NULL), TF_OK);
    for (int i = 0; i < 40; i++) {
        struct sql *sql = pair[i % 2];
        struct sql_rows rows;
        enum tf_status rc = sql_begin(sql);
        if (!rc)
            rc = sql_query(sql, "SELECT t FROM u", SQL_NO_ARGS, &rows);
        if (!rc) {
            int64_t t = sql_at(&rows, 0, 0)->number;
            sql_rows_release(&rows);
            rc = sql_exec(sql, "UPDATE u SET t = $1", SQL_ARGS(sql_int(t + 1)), NULL);
        }
        if (!rc)
            rc = sql_commit(sql);
        else
            sql_rollback(sql);
        assert_true(rc == TF_OK || rc == TF_BUSY);
        added += rc == TF_OK;
    }
    struct sql_rows rows;
    assert_int_equal(sql_query(pair[1], "SELECT t FROM u", SQL_NO_ARGS, &rows), TF_OK);
    assert_int_equal(sql_at(&rows, 0, 0)->number, added);
    assert_true(added > 0);
    sql_rows_release(&rows);
    sql_close(pair[0]);
    sql_close(pair[1]);
}

/* Serialisable: of two that read what the other writes, one is told to do it again. */
/* A reader has the state of its first look, and neither waits for the other. */
static void test_reading(void **state)
{
    (void)state;
    if (strcmp(where, ":memory:") == 0)
        skip();
    struct sql *reader = open_it(), *writer = open_it();
    empty(writer);
    assert_int_equal(sql_begin_reading(reader), TF_OK);
    assert_int_equal(count_of(reader), 0);
    assert_int_equal(sql_begin_reading(reader), TF_SYNTAX);
    assert_int_equal(sql_begin(writer), TF_OK);
    assert_int_equal(add(writer, 1), TF_OK);
    assert_int_equal(sql_commit(writer), TF_OK);
    assert_int_equal(count_of(reader), 0);
    sql_rollback(reader);
    assert_int_equal(count_of(reader), 1);
    sql_close(reader);
    sql_close(writer);
}

static void test_write_skew(void **state)
{
    (void)state;
    struct sql *a = open_it();
    if (!sql_is_shared(a)) {
        sql_close(a);
        skip();
    }
    struct sql *b = open_it();
    struct sql_rows rows;
    empty(a);
    assert_int_equal(add(a, 1), TF_OK);
    assert_int_equal(add(a, 2), TF_OK);
    assert_int_equal(sql_begin(a), TF_OK);
    assert_int_equal(sql_begin(b), TF_OK);
    assert_int_equal(sql_query(a, "SELECT name FROM t WHERE id = 2", SQL_NO_ARGS, &rows), TF_OK);
    sql_rows_release(&rows);
    assert_int_equal(sql_query(b, "SELECT name FROM t WHERE id = 1", SQL_NO_ARGS, &rows), TF_OK);
    sql_rows_release(&rows);
    assert_int_equal(sql_exec(a, "UPDATE t SET name = 'a' WHERE id = 1", SQL_NO_ARGS, NULL), TF_OK);
    enum tf_status rc = sql_exec(b, "UPDATE t SET name = 'b' WHERE id = 2", SQL_NO_ARGS, NULL);
    assert_int_equal(sql_commit(a), TF_OK);
    if (!rc)
        rc = sql_commit(b);
    assert_int_equal(rc, TF_BUSY);
    sql_close(a);
    sql_close(b);
}

/* The server ends a connection in the middle: told, and well again with the next transaction. */
static void end_others(struct sql *sql)
{
    struct sql_rows rows;
    assert_int_equal(sql_query(sql,
                               "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                               " WHERE pid <> pg_backend_pid() AND application_name = 'tafadi'"
                               " AND datname = current_database()",
                               SQL_NO_ARGS, &rows),
                     TF_OK);
    sql_rows_release(&rows);
}

static void test_broken_connection(void **state)
{
    (void)state;
    struct sql *a = open_it();
    if (!sql_is_shared(a)) {
        sql_close(a);
        skip();
    }
    struct sql *b = open_it();
    empty(a);
    assert_int_equal(sql_begin(a), TF_OK);
    assert_int_equal(add(a, 1), TF_OK);
    end_others(b);
    enum tf_status rc = TF_OK;
    for (int i = 2; i < 1000 && !rc; i++)
        rc = add(a, i);
    assert_int_equal(rc, TF_BUSY);
    assert_int_equal(sql_commit(a), TF_BUSY);
    assert_int_equal(sql_begin(a), TF_OK);
    assert_int_equal(count_of(a), 0);
    assert_int_equal(send_it(a, 1), TF_OK);
    end_others(b);
    for (int i = 2; i < 1000; i++)
        (void)!send_it(a, i); /* whether it is told yet or not */
    struct sql_rows rows;
    assert_int_equal(sql_query(a, "SELECT count(*) FROM t", SQL_NO_ARGS, &rows), TF_BUSY);
    assert_int_equal(sql_commit(a), TF_BUSY);
    assert_int_equal(sql_begin(a), TF_OK);
    assert_int_equal(count_of(a), 0);
    assert_int_equal(send_it(a, 1), TF_OK);
    assert_int_equal(sql_commit(a), TF_OK);
    assert_int_equal(count_of(b), 1);
    sql_close(a);
    sql_close(b);
}

static void test_foreign_file(void **state)
{
    (void)state;
    struct sql *sql;
    char why[SQL_WHY_SIZE] = "";
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    for (int i = 0; i < 5000; i++)
        fputc('x', f);
    fclose(f);
    assert_int_equal(sql_open(file, &sql, why), TF_SYNTAX);
    assert_non_null(strstr(why, file));
    assert_int_equal(truncate(file, 0), 0);
    assert_int_equal(sql_open("/nowhere/at/all", &sql, why), TF_LIMIT);
    assert_true(why[0]);
}

static void test_copy(void **state)
{
    (void)state;
    char why[SQL_WHY_SIZE] = "", to[64];
    where = file;
    struct sql *sql = open_it();
    empty(sql);
    assert_int_equal(add(sql, 1), TF_OK);
    assert_int_equal(sql_begin(sql), TF_OK);
    assert_int_equal(add(sql, 2), TF_OK); /* not committed: not copied */
    snprintf(to, sizeof to, "%s.copy", file);
    assert_int_equal(sql_copy(file, to, why), TF_OK);
    assert_int_equal(sql_commit(sql), TF_OK);
    sql_close(sql);
    where = to;
    sql = open_it();
    assert_int_equal(count_of(sql), 1);
    sql_close(sql);
    assert_int_equal(unlink(to), 0);
}

/*
 * A process that is halted while it writes the index of the log (WAL-index, SQLite's file format):
 * its first header is not its second, and the writer's lock is held. For longer than SQLite waits
 * by itself.
 */
static pid_t halted_writer(void)
{
    enum { WRITER_LOCK = 120, SECOND_HEADER = 48, HALTED_S = 11 };
    char path[64], byte = 0;
    int told[2];
    snprintf(path, sizeof path, "%s-shm", file);
    assert_int_equal(pipe(told), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0) {
        close(told[1]);
        assert_int_equal(read(told[0], &byte, 1), 1);
        close(told[0]);
        return child;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_start = WRITER_LOCK, .l_len = 1};
    int fd = open(path, O_RDWR);
    bool good =
        fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0 && pread(fd, &byte, 1, SECOND_HEADER + 8) == 1;
    byte ^= 1;
    good = good && pwrite(fd, &byte, 1, SECOND_HEADER + 8) == 1 && write(told[1], "x", 1) == 1;
    sleep(HALTED_S);
    byte ^= 1;
    good = good && pwrite(fd, &byte, 1, SECOND_HEADER + 8) == 1;
    _exit(!good);
}

/* A process that does its work when it is told to; it knows nothing of connections that are opened
 * here meanwhile. Its status is 0 if the work is done. */
static pid_t start_later(bool (*work)(void), const int go[2])
{
    char byte;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(go[1]); /* if nobody is left to tell it, it ends */
        _exit(read(go[0], &byte, 1) != 1 || !work());
    }
    return child;
}

static bool opens(void)
{
    struct sql *sql;
    char why[SQL_WHY_SIZE];
    return sql_open(file, &sql, why) == TF_OK;
}

static bool copies(void)
{
    char why[SQL_WHY_SIZE], to[64];
    snprintf(to, sizeof to, "%s.copy", file);
    return sql_copy(file, to, why) == TF_OK && unlink(to) == 0;
}

/* Who opens the file, who copies it and who reads at that time: all of them wait for it. */
static void test_a_halted_writer_is_waited_for(void **state)
{
    (void)state;
    int go[2], status;
    where = file;
    assert_int_equal(pipe(go), 0);
    pid_t others[3] = {start_later(opens, go), start_later(copies, go), -1};
    struct sql *sql = open_it();
    empty(sql);
    assert_int_equal(add(sql, 1), TF_OK);
    others[2] = halted_writer();
    assert_int_equal(write(go[1], "go", 2), 2);
    assert_int_equal(count_of(sql), 1);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(waitpid(others[i], &status, 0), others[i]);
        assert_int_equal(status, 0);
    }
    sql_close(sql);
    close(go[0]);
    close(go[1]);
}

static int round_of(const char *name, const char *at)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),      cmocka_unit_test(test_empty_is_not_null),
        cmocka_unit_test(test_marks),       cmocka_unit_test(test_returning_and_changed),
        cmocka_unit_test(test_migration),   cmocka_unit_test(test_faults),
        cmocka_unit_test(test_two_writers), cmocka_unit_test(test_reading),
        cmocka_unit_test(test_write_skew),  cmocka_unit_test(test_broken_connection),
        cmocka_unit_test(test_sent),        cmocka_unit_test(test_sent_and_failed),
        cmocka_unit_test(test_sent_shapes), cmocka_unit_test(test_sent_in_turns),
    };
    where = at;
    return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
    const struct CMUnitTest files[] = {cmocka_unit_test(test_foreign_file),
                                       cmocka_unit_test(test_copy),
                                       cmocka_unit_test(test_a_halted_writer_is_waited_for)};
    int fd = mkstemp(file), failed = 0;
    if (fd < 0)
        return 1;
    close(fd);
    failed += cmocka_run_group_tests_name("files", files, NULL, NULL);
    failed += round_of("in memory", ":memory:");
    failed += round_of("file", file);
    if (getenv("TAFADI_TEST_DATABASE"))
        failed += round_of("server", getenv("TAFADI_TEST_DATABASE"));
    const char *const ends[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s%s", file, ends[i]);
        unlink(path);
    }
    return failed;
}
