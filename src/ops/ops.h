/*
 * ops.h - the register of a party: its operations, sites and zones, what its peers declared to it,
 * each with all its versions; and what of it is in the way of what.
 *
 * The truth is in the party's database. Functions with a context run inside the caller's
 * transaction, as those of line.h; a change is there together with its entry in the ledger, or
 * not at all. A function that does not return TF_OK must be undone by the caller, with
 * ledger_forget().
 *
 * struct ops is the memory beside it: the 4D index over all that counts. It follows what has been
 * committed, and never anything else: with the first call in a transaction it reads the records
 * that were changed since (by this process or by another one on the same database). What the
 * running transaction itself changes is kept apart, searched too, and forgotten when the
 * transaction is over, or undone. So a rolled back transaction leaves no trace, and nobody has to
 * tell the memory how a transaction ended.
 *
 *    transaction 1            transaction 2
 *    enter  put A   commit    enter: reads A, index += A     submit B: finds A
 *           submit C finds A (pending)
 *
 * On the thread that owns the database only.
 */
#ifndef TF_OPS_OPS_H
#define TF_OPS_OPS_H

#include "format/format.h"
#include "line/line.h"
#include "ops/state.h"

enum {
    OPS_ID_SIZE = 129,   /* 1 to 128 bytes, no control characters, no '/' at its ends */
    OPS_ETAG_SIZE = 32,  /* "<version>-<16 hexadecimal digits>", without quotes */
    OPS_KEY_SIZE = 256,  /* "<class>:<owner>:<id>@<version>" */
    OPS_TEXT_MAX = 1024, /* reasons, verification notes */
    OPS_FEATURE_MAX = 1 << 20,
    OPS_VOLUMES_MAX = 20000, /* of one operation */
    OPS_REPEAT_MAX = 1000,
    OPS_IMPORT_MAX = 5000 /* features of one import */
};

struct ops;

/* The tables; idempotent, outside of a transaction. */
TF_MUST_CHECK enum tf_status ops_prepare(struct sql *sql, char why[SQL_WHY_SIZE]);
TF_MUST_CHECK enum tf_status ops_new(struct ops **out);
void ops_free(struct ops *ops); /* accepts NULL */

/* Who acts: the name is the context's actor. */
struct ops_who {
    const char *role;   /* the role acted in: "planner", "duty-officer", "head-of-cell" */
    const char *source; /* "operator", "file:plans.kml", "astm:uss1": where the content came from */
    const char *reason; /* may be NULL */
};
/* Whether somebody in `role` may do what is `needed`'s: viewer < planner < duty-officer <
 * head-of-cell; other words only themselves. */
bool ops_role_covers(const char *role, const char *needed);

/* --- records ------------------------------------------------------------------------------ */

#define OPS_CLASS_LIST(X) X(OPERATION, "operation") X(SITE, "site") X(ZONE, "zone")
#define OPS_ENUM_CLASS(name, word) OPS_##name,
enum ops_class { OPS_CLASS_LIST(OPS_ENUM_CLASS) OPS_CLASS_COUNT };
#undef OPS_ENUM_CLASS
const char *ops_class_word(enum ops_class class);
TF_MUST_CHECK enum tf_status ops_class_from_word(const char *word, enum ops_class *out);

/* One version of a record. Strings are borrowed for the call that shows it. */
struct ops_record {
    int64_t number;    /* of the record, in this database; its number in the index */
    const char *owner; /* "": this party; else the id of the line over which it was declared */
    enum ops_class class;
    const char *id;
    int64_t version, change; /* change: counts all changes of the register */
    enum ops_state state;
    const char *etag;
    enum tf_kind kind;
    int priority;
    bool is_template; /* a draft to be repeated: never submitted itself */
    const char *name, *source;
    int64_t start_us, end_us; /* of all its volumes; TF_TIME_MIN/MAX / 1000: open */
    const char *feature;      /* a GeoJSON Feature, as docs/formats.md has it */
    size_t feature_len;
    const char
        *extra; /* a JSON object: what the class has besides (disclosure, verification ...) */
    size_t extra_len;
    const char *decisions; /* a JSON array: what was allowed at the last check, by whom */
    size_t decisions_len;
    int64_t made_us, changed_us;
    const char *made_by, *changed_by;
    const char *act, *role, *reason; /* of this version; reason "" : none */
};
typedef bool (*ops_record_visit)(void *ctx, const struct ops_record *record);

struct ops_filter {
    const char *owner; /* NULL: any */
    enum ops_class class;
    unsigned states;              /* bits 1 << state; 0: all */
    int64_t from_us, until_us;    /* meets [from, until); both 0: any time */
    int64_t after, changed_after; /* number > after; change > changed_after */
    const char *id;               /* NULL: any */
    size_t limit;                 /* 1 to 10,000 */
    bool in_order_of_change;      /* else of number */
    bool without_templates;
};
TF_MUST_CHECK enum tf_status ops_each(struct ops *ops, const struct line_context *c,
                                      const struct ops_filter *filter, ops_record_visit visit,
                                      void *ctx);
/* TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status ops_find(struct ops *ops, const struct line_context *c,
                                      const char *owner, enum ops_class class, const char *id,
                                      ops_record_visit visit, void *ctx);
/* All versions, first to last. */
TF_MUST_CHECK enum tf_status ops_history(struct ops *ops, const struct line_context *c,
                                         const char *owner, enum ops_class class, const char *id,
                                         ops_record_visit visit, void *ctx);
/* The number of the last change of all. */
TF_MUST_CHECK enum tf_status ops_last_change(struct ops *ops, const struct line_context *c,
                                             int64_t *change);

/* What its feature says. *out: tf_entity_release. */
TF_MUST_CHECK enum tf_status ops_entity_of(const struct ops_record *record, struct tf_entity *out);
/* The resource as JSON, as the REST API has it (docs/operations.md). */
void ops_print_record(struct tf_buf *out, const struct ops_record *record, bool with_feature);
/* Only what a map needs of it: half as much for the thousands. */
void ops_print_shape(struct tf_buf *out, const struct ops_record *record);

/* --- changing ----------------------------------------------------------------------------- */

struct ops_draft {
    enum ops_class class;
    const struct tf_entity *entity; /* borrowed; its id is the record's */
    const json_t *extra;            /* an object; NULL: what was there stays */
    bool is_template;
    /* The ETag of what is replaced; "*": whatever is there, also nothing; NULL: nothing may be
     * there. */
    const char *if_match;
    /* What was shown and is decided upon: keys of conflicts (ops/check.h); see ops_act(). */
    const json_t *allow;
    const struct tf_option_limits *options; /* wanted with a refusal; NULL: none */
};
/*
 * Reads what people send: `json` is a Feature (or a FeatureCollection of one). `id` NULL: that of
 * the feature. *entity is the caller's. Everything that files may have is checked (limits,
 * swapped coordinates), the first bad field named by its path; remarks that do not refuse go to
 * `notes` (may be NULL).
 */
TF_MUST_CHECK enum tf_status ops_read_feature(const json_t *json, enum ops_class class,
                                              const char *id, struct tf_entity *entity,
                                              struct tf_notes *notes, struct tf_fault *fault);

struct ops_verdict; /* ops/check.h */
struct ops_written {
    char id[OPS_ID_SIZE], etag[OPS_ETAG_SIZE];
    int64_t version;
    enum ops_state state;
    bool is_new, is_changed; /* neither: the same was there */
};
/*
 * A new record (an operation is a draft, a zone or site in force), or another version of one; the
 * very same content makes none. An accepted or activated operation is checked first, and only
 * what the check lets pass is applied: verdict->is_applied says. (A refusal is a finding, not an
 * error: the transaction is kept, for what it showed is on record.) One that departed or was lost
 * is checked, and applied whatever is found. An id that the entity does not have is made, and
 * shown by `written`.
 * TF_EXISTS: if_match does not fit (field "if_match"), or the id is there; TF_NOT_FOUND: if_match
 * names a version, and there is none; TF_UNSUPPORTED: the state is final.
 */
TF_MUST_CHECK enum tf_status ops_put(struct ops *ops, const struct line_context *c,
                                     const struct ops_draft *draft, const struct ops_who *who,
                                     struct ops_verdict *verdict, struct ops_written *written,
                                     struct tf_fault *fault);

struct ops_deed {
    enum ops_class class;
    const char *id;
    enum ops_act act;
    const char *if_match;                   /* an ETag; NULL: the present version, whatever it is */
    const json_t *allow;                    /* an array of keys of conflicts, or NULL */
    const struct tf_option_limits *options; /* NULL: none are wanted */
};
/*
 * An act. SUBMIT, ACCEPT, ACTIVATE and RECOVER check the operation against all that is known:
 *   a conflict that the rules refuse                        nothing is changed
 *   one that needs a decision, whose key is in `allow`
 *     and whose role who->role covers                       allowed, and the record says by whom
 *   one that needs a decision otherwise: SUBMIT             the operation is SUBMITTED
 *   ... ACCEPT, ACTIVATE, RECOVER                           nothing is changed
 *   none of these                                           ACCEPTED, or what the act leads to
 * verdict->is_applied says whether anything was changed. Keys carry the version of the other side
 * of a conflict, so that nobody allows what he has not seen. An allowed conflict stays allowed as
 * long as the content of both sides is the same.
 * TF_UNSUPPORTED: the state does not allow it; TF_TIME: it is over; TF_EXISTS, TF_NOT_FOUND: as
 * ops_put().
 */
TF_MUST_CHECK enum tf_status ops_act(struct ops *ops, const struct line_context *c,
                                     const struct ops_deed *deed, const struct ops_who *who,
                                     struct ops_verdict *verdict, struct ops_written *written,
                                     struct tf_fault *fault);

/* What differs between a version that the caller knows by its ETag and the present one: an array
 * [{"path","before","after"}] appended; TF_NOT_FOUND: there never was such a version. */
TF_MUST_CHECK enum tf_status ops_changed_since(struct ops *ops, const struct line_context *c,
                                               enum ops_class class, const char *id,
                                               const char *etag, struct tf_buf *out);

/* --- many at once ------------------------------------------------------------------------- */

enum ops_import_outcome { OPS_ADDED, OPS_UPDATED, OPS_UNCHANGED, OPS_REFUSED };
/* One feature of the file, in its order as far as it is known. Borrowed. */
struct ops_import_row {
    size_t feature, line; /* from 0; from 1, 0: not known */
    const char *id;       /* NULL: not known */
    enum ops_import_outcome outcome;
    enum ops_class class;
    const struct tf_fault *fault;      /* refused: why; else NULL */
    const struct ops_verdict *verdict; /* if it was checked; else NULL */
    enum ops_state state;
};
struct ops_import {
    const char *bytes;
    size_t len;
    struct tf_read_options options; /* keep_going is set by the call */
    bool replaces;                  /* records of the same id become another version */
    bool all_or_nothing;            /* one refusal: TF_UNSUPPORTED, the caller undoes all */
    bool submits;                   /* operations: each is submitted, too */
    const json_t *extra;            /* of each new record; may be NULL */
};
TF_MUST_CHECK enum tf_status ops_import(struct ops *ops, const struct line_context *c,
                                        const struct ops_import *import, const struct ops_who *who,
                                        bool (*visit)(void *ctx, const struct ops_import_row *row),
                                        void *ctx, struct tf_notes *notes, struct tf_fault *fault);

struct ops_repeat {
    const char *id;    /* of the operation or template */
    int64_t every_ns;  /* one minute to 366 days */
    unsigned weekdays; /* bits 1 << 0 (Monday) .. 1 << 6; 0: all. Of the start, in UTC */
    int64_t until_ns;  /* no start at or after it; 0: by count alone */
    size_t count;      /* at most 1000; 0: by until_ns alone */
    bool submits;      /* each copy is submitted; else drafts */
};
/* Copies, the first one `every_ns` after the original. Ids are "<id>/<start as 20261129T0600Z>";
 * a copy that is there already is left alone (fault->code TF_EXISTS in its row). */
TF_MUST_CHECK enum tf_status ops_repeat(struct ops *ops, const struct line_context *c,
                                        const struct ops_repeat *repeat, const struct ops_who *who,
                                        bool (*visit)(void *ctx, const char *id,
                                                      const struct ops_verdict *verdict,
                                                      const struct tf_fault *fault),
                                        void *ctx, struct tf_fault *fault);

#endif
