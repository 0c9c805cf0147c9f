/*
 * busy.c - beneath a whole `tafadi`: every second commit is lost against others (TF_BUSY), as on a
 * server that many use at once. What is done again has to come to the same; test_busy.py.
 */
#include "sql/sql.h"

enum tf_status __real_sql_commit(struct sql *sql);
enum tf_status __wrap_sql_commit(struct sql *sql);

static bool was_lost;

enum tf_status __wrap_sql_commit(struct sql *sql)
{
    was_lost = !was_lost;
    if (!was_lost)
        return __real_sql_commit(sql);
    sql_rollback(sql);
    return TF_BUSY;
}
