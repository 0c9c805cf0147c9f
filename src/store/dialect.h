/*
 * dialect.h - the names of the cluster engine's statements; dialect.c has their text.
 */
#ifndef TF_STORE_DIALECT_H
#define TF_STORE_DIALECT_H

enum pool_sql {
    GET_OIR,
    GET_CONSTRAINT,
    GET_SUBSCRIPTION,
    GET_ISA,
    GET_RID_SUBSCRIPTION,
    SEARCH_OIR,
    SEARCH_CONSTRAINT,
    SEARCH_SUBSCRIPTION,
    SEARCH_ISA,
    SEARCH_RID_SUBSCRIPTION,
    PUT_OIR,
    PUT_CONSTRAINT,
    PUT_SUBSCRIPTION,
    PUT_ISA,
    PUT_RID_SUBSCRIPTION,
    REMOVE_OIR,
    REMOVE_CONSTRAINT,
    REMOVE_SUBSCRIPTION,
    REMOVE_ISA,
    REMOVE_RID_SUBSCRIPTION,
    EXPIRE_OIR,
    EXPIRE_CONSTRAINT,
    EXPIRE_SUBSCRIPTION,
    EXPIRE_ISA,
    EXPIRE_RID_SUBSCRIPTION,
    SEARCH_OIR_ALTITUDE,
    BUMP_SUBSCRIPTION,
    BUMP_RID_SUBSCRIPTION,
    DEPENDENTS,
    COUNT_IN_CELL,
    AVAILABILITY_ALL,
    AVAILABILITY_PUT,
    LOCK_SUBSCRIPTIONS,
    LOCK_KEYS,
    TIME_OF_DAY,
    ENROL,
    HEARTBEAT_PUT,
    MEMBERS_ALL,
    SQL_COUNT
};

extern const char *const pool_sql[SQL_COUNT];
/* Begins a transaction and asks for its time in microseconds. */
extern const char pool_begin_write[], pool_begin_read[];
/* What a pool is known by: its database's own identity, where the kind of database has one. */
extern const char pool_identity_postgres[], pool_identity_yugabyte[], pool_identity_cockroach[];
/* What makes a database: a list of statements. */
extern const char pool_schema_scd[], pool_schema_rid[], pool_schema_aux[];

#endif
