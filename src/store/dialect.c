/*
 * dialect.c - all SQL of the cluster engine, and the schema.
 *
 * What differs between PostgreSQL, YugabyteDB and CockroachDB is here. The statements are
 * common to all three. The schema is the pool's own, version 1 of its YugabyteDB form
 * with a GIN index on the cells, for a database that is empty; in a pool that exists
 * already nothing is created.
 */
#include "store/dialect.h"

#define US(column) "round(extract(epoch from " column ") * 1000000)::bigint"

/* One list of columns for all kinds, in the order that row_entity() reads. */
#define COLUMNS_OIR                                                                                \
    "id, owner, url, version, altitude_lower, altitude_upper, " US("starts_at") ", " US(           \
        "ends_at") ", " US("updated_at") ", cells, subscription_id, state, uss_requested_ovn, 0, " \
                                         "false, false, "                                          \
                                         "false"
#define COLUMNS_CONSTRAINT                                                                         \
    "id, owner, url, version, altitude_lower, altitude_upper, " US("starts_at") ", " US(           \
        "ends_at") ", " US("updated_at") ", cells, NULL, NULL, NULL, 0, false, false, false"
#define COLUMNS_SUBSCRIPTION                                                                       \
    "id, owner, url, version, NULL, NULL, " US("starts_at") ", " US("ends_at") ", " US(            \
        "updated_at") ", cells, NULL, NULL, NULL, notification_index, notify_for_operations, "     \
                      "notify_for_constraints, implicit"
#define COLUMNS_ISA                                                                                \
    "id, owner, url, 0, NULL, NULL, " US("starts_at") ", " US("ends_at") ", " US(                  \
        "updated_at") ", cells, NULL, NULL, NULL, 0, false, false, false"
#define COLUMNS_RID_SUBSCRIPTION                                                                   \
    "id, owner, url, 0, NULL, NULL, " US("starts_at") ", " US("ends_at") ", " US(                  \
        "updated_at") ", cells, NULL, NULL, NULL, notification_index, true, false, false"

#define WHERE_CELLS                                                                                \
    " WHERE cells && $1::bigint[] AND starts_at <= $2::timestamptz AND ends_at >= $3::timestamptz"
#define WHERE_ALTITUDE                                                                             \
    " AND COALESCE(altitude_lower <= $4::real, true) AND COALESCE(altitude_upper >= $5::real, "    \
    "true)"

#define SCHEMA_VERSION_TABLE                                                                       \
    "CREATE TABLE schema_versions (onerow_enforcer bool PRIMARY KEY DEFAULT true"                  \
    " CHECK (onerow_enforcer), schema_version text NOT NULL);"

const char pool_schema_scd[] = SCHEMA_VERSION_TABLE
    "CREATE TYPE operational_intent_state AS ENUM"
    " ('Unknown', 'Accepted', 'Activated', 'Nonconforming', 'Contingent');"
    "CREATE TABLE scd_subscriptions (id uuid PRIMARY KEY, owner text NOT NULL,"
    " version int4 NOT NULL DEFAULT 0, url text NOT NULL, notification_index int4 DEFAULT 0,"
    " notify_for_operations bool DEFAULT false, notify_for_constraints bool DEFAULT false,"
    " implicit bool DEFAULT false, starts_at timestamptz, ends_at timestamptz,"
    " updated_at timestamptz NOT NULL, cells bigint[],"
    " CHECK (starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at),"
    " CHECK (notify_for_operations OR notify_for_constraints));"
    "CREATE TABLE scd_operations (id uuid PRIMARY KEY, owner text NOT NULL,"
    " version int4 NOT NULL DEFAULT 0, url text NOT NULL, altitude_lower real,"
    " altitude_upper real, starts_at timestamptz, ends_at timestamptz, subscription_id uuid"
    " REFERENCES scd_subscriptions (id) ON DELETE CASCADE, updated_at timestamptz NOT NULL,"
    " state operational_intent_state NOT NULL DEFAULT 'Unknown', cells bigint[],"
    " uss_requested_ovn text, past_ovns text[] NOT NULL DEFAULT '{}',"
    " CHECK (starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at),"
    " CHECK (uss_requested_ovn <> ''),"
    " CHECK (array_position(past_ovns, NULL) IS NULL),"
    " CHECK (array_position(past_ovns, '') IS NULL),"
    " CHECK (array_position(past_ovns, uss_requested_ovn) IS NULL));"
    "CREATE TABLE scd_constraints (id uuid PRIMARY KEY, owner text NOT NULL,"
    " version int4 NOT NULL DEFAULT 0, url text NOT NULL, altitude_lower real,"
    " altitude_upper real, starts_at timestamptz, ends_at timestamptz,"
    " updated_at timestamptz NOT NULL, cells bigint[] NOT NULL"
    " CHECK (array_length(cells, 1) IS NOT NULL),"
    " CHECK (starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at));"
    "CREATE TABLE scd_uss_availability (id text PRIMARY KEY, availability text NOT NULL,"
    " updated_at timestamptz NOT NULL);"
    "CREATE TABLE scd_locks (key bigint PRIMARY KEY);"
    "INSERT INTO scd_locks SELECT generate_series(0, 65535);"
    "CREATE INDEX so_cells_idx ON scd_operations USING gin (cells);"
    "CREATE INDEX so_ends_at_idx ON scd_operations (ends_at);"
    "CREATE INDEX so_subscription_id_idx ON scd_operations (subscription_id);"
    "CREATE INDEX ss_cells_idx ON scd_subscriptions USING gin (cells);"
    "CREATE INDEX ss_ends_at_idx ON scd_subscriptions (ends_at);"
    "CREATE INDEX sc_cells_idx ON scd_constraints USING gin (cells);"
    "CREATE INDEX sc_ends_at_idx ON scd_constraints (ends_at);"
    "INSERT INTO schema_versions (schema_version) VALUES ('v1.1.1');";

const char pool_schema_rid[] = SCHEMA_VERSION_TABLE
    "CREATE TABLE subscriptions (id uuid PRIMARY KEY, owner text NOT NULL, url text NOT NULL,"
    " notification_index int4 DEFAULT 0, cells bigint[] NOT NULL"
    " CHECK (array_length(cells, 1) IS NOT NULL), starts_at timestamptz, ends_at timestamptz,"
    " updated_at timestamptz NOT NULL, writer text,"
    " CHECK (starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at));"
    "CREATE TABLE identification_service_areas (id uuid PRIMARY KEY, owner text NOT NULL,"
    " url text NOT NULL, cells bigint[] NOT NULL CHECK (array_length(cells, 1) IS NOT NULL),"
    " starts_at timestamptz, ends_at timestamptz, updated_at timestamptz NOT NULL, writer text,"
    " CHECK (starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at));"
    "CREATE INDEX s_cells_idx ON subscriptions USING gin (cells);"
    "CREATE INDEX subs_by_time_with_owner ON subscriptions (ends_at) INCLUDE (owner);"
    "CREATE INDEX isa_cells_idx ON identification_service_areas USING gin (cells);"
    "CREATE INDEX isa_ends_at_idx ON identification_service_areas (ends_at);"
    "INSERT INTO schema_versions (schema_version) VALUES ('v1.0.1');";

const char pool_schema_aux[] = SCHEMA_VERSION_TABLE
    "CREATE TABLE pool_participants (locality text PRIMARY KEY, public_endpoint text NOT NULL,"
    " updated_at timestamptz NOT NULL);"
    "CREATE TABLE heartbeats (locality text NOT NULL, source text NOT NULL,"
    " timestamp timestamptz NOT NULL, next_expected_timestamp timestamptz, reporter text,"
    " PRIMARY KEY (locality, source));"
    "INSERT INTO schema_versions (schema_version) VALUES ('v1.1.0');";

#define INSERT_TAIL_TIMES                                                                          \
    "starts_at = excluded.starts_at, ends_at = excluded.ends_at, "                                 \
    "updated_at = excluded.updated_at, cells = excluded.cells"

/* A bounded bite, so that no transaction is long. */
#define EXPIRE(table, more)                                                                        \
    "DELETE FROM " table " WHERE id IN (SELECT id FROM " table                                     \
    " WHERE ends_at < $1::timestamptz" more " LIMIT 500)"

/* PUT: id, owner, url, start, end, updated, cells, then what the kind has besides. */
const char *const pool_sql[SQL_COUNT] = {
    [GET_OIR] = "SELECT " COLUMNS_OIR " FROM scd_operations WHERE id = $1",
    [GET_CONSTRAINT] = "SELECT " COLUMNS_CONSTRAINT " FROM scd_constraints WHERE id = $1",
    [GET_SUBSCRIPTION] = "SELECT " COLUMNS_SUBSCRIPTION " FROM scd_subscriptions WHERE id = $1",
    [GET_ISA] = "SELECT " COLUMNS_ISA " FROM identification_service_areas WHERE id = $1",
    [GET_RID_SUBSCRIPTION] = "SELECT " COLUMNS_RID_SUBSCRIPTION " FROM subscriptions WHERE id = $1",
    [SEARCH_OIR] = "SELECT " COLUMNS_OIR " FROM scd_operations" WHERE_CELLS,
    [SEARCH_OIR_ALTITUDE] = "SELECT " COLUMNS_OIR " FROM scd_operations" WHERE_CELLS WHERE_ALTITUDE,
    [SEARCH_CONSTRAINT] = "SELECT " COLUMNS_CONSTRAINT " FROM scd_constraints" WHERE_CELLS,
    [SEARCH_SUBSCRIPTION] = "SELECT " COLUMNS_SUBSCRIPTION " FROM scd_subscriptions" WHERE_CELLS,
    [SEARCH_ISA] = "SELECT " COLUMNS_ISA " FROM identification_service_areas" WHERE_CELLS,
    [SEARCH_RID_SUBSCRIPTION] =
        "SELECT " COLUMNS_RID_SUBSCRIPTION " FROM subscriptions" WHERE_CELLS,
    [PUT_OIR] =
        "INSERT INTO scd_operations (id, owner, url, starts_at, ends_at, updated_at, cells,"
        " altitude_lower, altitude_upper, version, subscription_id, state, uss_requested_ovn)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, url = excluded.url,"
        " altitude_lower = excluded.altitude_lower, altitude_upper = excluded.altitude_upper,"
        " version = excluded.version, subscription_id = excluded.subscription_id,"
        " state = excluded.state, uss_requested_ovn = excluded.uss_requested_ovn,"
        " past_ovns = array_append(scd_operations.past_ovns, $14::text), " INSERT_TAIL_TIMES,
    [PUT_CONSTRAINT] =
        "INSERT INTO scd_constraints (id, owner, url, starts_at, ends_at, updated_at, cells,"
        " altitude_lower, altitude_upper, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, url = excluded.url,"
        " altitude_lower = excluded.altitude_lower, altitude_upper = excluded.altitude_upper,"
        " version = excluded.version, " INSERT_TAIL_TIMES,
    [PUT_SUBSCRIPTION] =
        "INSERT INTO scd_subscriptions (id, owner, url, starts_at, ends_at, updated_at, cells,"
        " notification_index, notify_for_operations, notify_for_constraints, implicit)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, url = excluded.url,"
        " notify_for_operations = excluded.notify_for_operations,"
        " notify_for_constraints = excluded.notify_for_constraints,"
        " implicit = excluded.implicit, " INSERT_TAIL_TIMES,
    [PUT_ISA] = "INSERT INTO identification_service_areas (id, owner, url, starts_at, ends_at,"
                " updated_at, cells, writer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
                " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, url = excluded.url,"
                " writer = excluded.writer, " INSERT_TAIL_TIMES,
    [PUT_RID_SUBSCRIPTION] =
        "INSERT INTO subscriptions (id, owner, url, starts_at, ends_at, updated_at, cells,"
        " notification_index, writer) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, url = excluded.url,"
        " writer = excluded.writer, " INSERT_TAIL_TIMES,
    [REMOVE_OIR] = "DELETE FROM scd_operations WHERE id = $1",
    [REMOVE_CONSTRAINT] = "DELETE FROM scd_constraints WHERE id = $1",
    [REMOVE_SUBSCRIPTION] = "DELETE FROM scd_subscriptions WHERE id = $1",
    [REMOVE_ISA] = "DELETE FROM identification_service_areas WHERE id = $1",
    [REMOVE_RID_SUBSCRIPTION] = "DELETE FROM subscriptions WHERE id = $1",
    [EXPIRE_OIR] = EXPIRE("scd_operations", ""),
    [EXPIRE_CONSTRAINT] = EXPIRE("scd_constraints", ""),
    [EXPIRE_SUBSCRIPTION] =
        EXPIRE("scd_subscriptions", " AND NOT EXISTS (SELECT 1 FROM scd_operations AS o"
                                    " WHERE o.subscription_id = scd_subscriptions.id)"),
    [EXPIRE_ISA] = EXPIRE("identification_service_areas", ""),
    [EXPIRE_RID_SUBSCRIPTION] = EXPIRE("subscriptions", ""),
    [BUMP_SUBSCRIPTION] = "UPDATE scd_subscriptions SET notification_index = notification_index + 1"
                          " WHERE id = ANY ($1::uuid[]) RETURNING id, notification_index",
    [BUMP_RID_SUBSCRIPTION] = "UPDATE subscriptions SET notification_index = notification_index + 1"
                              " WHERE id = ANY ($1::uuid[]) RETURNING id, notification_index",
    [DEPENDENTS] = "SELECT " COLUMNS_OIR " FROM scd_operations WHERE subscription_id = $1",
    [COUNT_IN_CELL] =
        "SELECT COALESCE(max(n), 0) FROM (SELECT count(*) AS n FROM (SELECT unnest(cells) AS cell"
        " FROM subscriptions WHERE owner = $1 AND id <> $4 AND ends_at >= $2::timestamptz"
        " AND cells && $3::bigint[]) AS s WHERE cell = ANY ($3::bigint[]) GROUP BY cell) AS c",
    [AVAILABILITY_ALL] = "SELECT id, availability, " US("updated_at") " FROM scd_uss_availability",
    [AVAILABILITY_PUT] =
        "INSERT INTO scd_uss_availability (id, availability, updated_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (id) DO UPDATE SET availability = excluded.availability,"
        " updated_at = excluded.updated_at",
    [LOCK_SUBSCRIPTIONS] =
        "SELECT id FROM scd_subscriptions WHERE cells && $1::bigint[] FOR UPDATE",
    [LOCK_KEYS] =
        "SELECT key FROM scd_locks WHERE key = ANY ($1::bigint[]) ORDER BY key FOR UPDATE",
    /* Milliseconds since midnight UTC, when the statement runs: after its transaction's locks
     * have been granted, so that those who take turns get them in order. */
    [TIME_OF_DAY] = "SELECT floor(extract(epoch from clock_timestamp()) * 1000)::bigint % 86400000",
    [ENROL] = "INSERT INTO pool_participants (locality, public_endpoint, updated_at)"
              " VALUES ($1, $2, transaction_timestamp()) ON CONFLICT (locality) DO UPDATE"
              " SET public_endpoint = excluded.public_endpoint, updated_at = excluded.updated_at",
    [HEARTBEAT_PUT] =
        "INSERT INTO heartbeats (locality, source, timestamp, next_expected_timestamp, reporter)"
        " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (locality, source) DO UPDATE"
        " SET timestamp = excluded.timestamp,"
        " next_expected_timestamp = excluded.next_expected_timestamp,"
        " reporter = excluded.reporter",
    [MEMBERS_ALL] =
        "SELECT p.locality, p.public_endpoint, h.source, h.reporter, " US("h.timestamp") ", " US(
            "h.next_expected_timestamp") " FROM pool_participants AS p LEFT JOIN"
                                         " (SELECT DISTINCT ON (locality) locality, source, "
                                         "reporter, timestamp,"
                                         " next_expected_timestamp FROM heartbeats ORDER BY "
                                         "locality, timestamp DESC, source) AS h"
                                         " ON h.locality = p.locality ORDER BY p.locality",
};

const char pool_begin_write[] =
    "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT " US("transaction_timestamp()");
const char pool_begin_read[] =
    "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY; SELECT " US("transaction_timestamp()");

const char pool_identity_postgres[] = "SELECT system_identifier FROM pg_control_system()";
/* None if the servers do not agree; the column is there from version 2.25.2 on. */
const char pool_identity_yugabyte[] = "SELECT min(universe_uuid::text) FROM yb_servers()"
                                      " HAVING count(DISTINCT universe_uuid) = 1";
const char pool_identity_cockroach[] = "SELECT crdb_internal.cluster_id()";
