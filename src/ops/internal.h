/*
 * internal.h - what the files of this folder share: the memory beside the database, rows, JSON.
 */
#ifndef TF_OPS_INTERNAL_H
#define TF_OPS_INTERNAL_H

#include "base/put.h"
#include "ops/check.h"

/* --- a map from numbers to pointers ----------------------------------------------------- */

struct ops_map {    /* zero is valid and empty */
    uint64_t *keys; /* 0: free */
    void **values;
    size_t count, capacity; /* a power of two */
};
void *ops_map_get(const struct ops_map *map, uint64_t key);
TF_MUST_CHECK enum tf_status ops_map_put(struct ops_map *map, uint64_t key, void *value);
void ops_map_remove(struct ops_map *map, uint64_t key);
void ops_map_release(struct ops_map *map); /* not what its values point to */

/* --- what is known ----------------------------------------------------------------------- */

/* A record that counts: what a conflict with it has to say. */
struct ops_known {
    uint64_t number;
    int64_t version, change;
    enum ops_class class;
    enum ops_state state;
    enum tf_kind kind;
    enum tf_restriction restriction;
    int priority;
    bool is_sensitive;
    int64_t data_us, end_us; /* data_us 0: not said */
    char owner[LINE_ID_SIZE], etag[OPS_ETAG_SIZE];
    char *id, *name, *party, *category; /* one allocation, at id */
    /* Of a pending one its volumes; in memory only their number, for the index has them. */
    struct tf_volume4 *volumes;
    size_t volume_count;
};

/* What the running transaction has changed, in order; the last of a number holds. */
struct ops_pending {
    struct ops_known **items;     /* owned */
    size_t count, capacity, next; /* next: the first that is not looked at yet, in turn */
    struct ops_map last;          /* number to its last item */
    struct tf_index *index;
};

struct ops_rule {
    int other;       /* enum ops_other; -1: any */
    int restriction; /* enum tf_restriction; -1 */
    int kind;        /* enum tf_kind; -1 */
    int priority;    /* of the other: 1 higher, 0 equal, -1 lower; 2: any */
    bool only_by_margin;
    enum ops_outcome outcome;
    char role[MESSAGE_ROLE_SIZE];
};
struct ops_rules {
    struct ops_rule at[OPS_RULES_MAX];
    size_t count;
    int64_t version; /* -1: not read yet */
};

/* A line from which something is known, with the separation of its memorandum. */
struct ops_line {
    char id[LINE_ID_SIZE];
    size_t known;                      /* how many records of it */
    bool has_pending;                  /* the running transaction has some */
    int64_t memo;                      /* whose separation it is; -1: not read yet */
    struct tf_separation_table agreed; /* the memorandum's */
    int64_t silent_us;                 /* degraded, suspended: since it was heard; else 0 */
    double growth_m;                   /* of declarations, as the line is silent; 0: none */
    struct tf_separation_table table;  /* both: a volume grown is a distance that is grown */
};

/* Own records by the ids that a line gives them; built when a peer returns what was lost here. */
struct ops_names {
    char line[LINE_ID_SIZE];
    enum ops_class class;
    uint64_t transaction; /* 0: none */
    struct ops_map ids;   /* owned texts, by the number in the alias */
};

struct ops {
    struct tf_index *index; /* all that is committed and counts */
    struct ops_map known;   /* number to struct ops_known */
    size_t counts[OPS_OTHER_COUNT];
    int64_t change;       /* the index has all changes up to this */
    uint64_t transaction; /* the one that `pending` is of; 0: none */
    /* What is pending does not fit into memory: nothing is answered in this transaction any more.
     * (Read again in the middle of it, what may still be undone would look committed.) */
    bool is_lost;
    bool has_new_rules; /* this transaction changes the policy: read with each call */
    int64_t pruned_us;
    int64_t listening_us; /* since when reports are listened for (conform.h); 0: not yet */
    struct ops_pending pending;
    struct ops_rules rules;
    struct ops_line *lines; /* owned */
    size_t line_count;
    struct ops_foreign foreign;
    bool has_foreign;
    struct ops_names names;
    struct ops_gate gate;
    bool has_gate;
};

/* With every call: the memory follows what was committed. */
TF_MUST_CHECK enum tf_status ops_enter(struct ops *ops, const struct line_context *c);
/* Takes over a record that was written in the running transaction; `entity` is borrowed. */
TF_MUST_CHECK enum tf_status ops_remember(struct ops *ops, const struct ops_record *record,
                                          const struct tf_entity *entity);
enum ops_other ops_known_other(const struct ops_known *known);

/* --- rows --------------------------------------------------------------------------------- */

#define OPS_COLUMNS                                                                                \
    "number, owner, class, id, version, change, state, etag, kind, priority, is_template, name, "  \
    "source, start_us, end_us, feature, extra, decisions, made_us, made_by, changed_us, "          \
    "changed_by, act, role, reason"
enum { OPS_COLUMN_COUNT = 25 };
/* Borrows from the rows. TF_SYNTAX: the database says what no version of this program wrote. */
TF_MUST_CHECK enum tf_status ops_row(const struct sql_rows *rows, size_t row,
                                     struct ops_record *out);
/* The record, its strings borrowed from *rows. TF_NOT_FOUND. */
TF_MUST_CHECK enum tf_status ops_row_find(const struct line_context *c, const char *owner,
                                          enum ops_class class, const char *id,
                                          struct sql_rows *rows, struct ops_record *out);
/*
 * What one of several came to that began with sql_mark(): kept, or undone alone; then *undone is
 * what it failed with, else TF_OK. Not TF_OK is returned when nothing can be done now (no memory,
 * lost against another transaction, disk full), for all of them.
 */
TF_MUST_CHECK enum tf_status ops_end_alone(const struct line_context *c, enum tf_status rc,
                                           enum tf_status *undone);
/*
 * Writes a version (record->number 0: a new record; then it is set), its history and its entry in
 * the ledger, and remembers it. Sets version, change, etag, changed_us, changed_by.
 */
TF_MUST_CHECK enum tf_status ops_write(struct ops *ops, const struct line_context *c,
                                       struct ops_record *record, const struct tf_entity *entity,
                                       char etag[OPS_ETAG_SIZE]);

/* --- entities ------------------------------------------------------------------------------- */

/* Appends the Feature. */
TF_MUST_CHECK enum tf_status ops_put_feature(struct tf_buf *out, const struct tf_entity *entity);
void ops_times_of(const struct tf_entity *entity, int64_t *start_us, int64_t *end_us);
bool ops_id_is_valid(const char *id);
/* A cap around all of its volumes (one at least): its centre and the radius. */
TF_MUST_CHECK enum tf_status ops_cap_of(const struct tf_entity *entity, struct tf_latlng *centre,
                                        double *extent_m);

/* --- policy ----------------------------------------------------------------------------------- */

TF_MUST_CHECK enum tf_status ops_rules_follow(struct ops *ops, const struct line_context *c);
/* Fills outcome, role, rule of a conflict. */
void ops_rules_judge(const struct ops_rules *rules, int priority, struct ops_conflict *conflict);

/* --- what others know, what others see ------------------------------------------------------- */

/* The separations of the memoranda in force on lines from which something is known, and the age of
 * what was declared. */
TF_MUST_CHECK enum tf_status ops_lines_follow(struct ops *ops, const struct line_context *c);
/* The id that a line gives to a record of this party; alias.c. */
TF_MUST_CHECK enum tf_status ops_alias(const struct line_context *c, const char *line,
                                       enum ops_class class, const char *id, char out[OPS_ID_SIZE]);
/* Whose id that is: TF_NOT_FOUND: of no record that is here. */
TF_MUST_CHECK enum tf_status ops_alias_owner(struct ops *ops, const struct line_context *c,
                                             const char *line, enum ops_class class,
                                             const char *alias, char own_id[OPS_ID_SIZE]);
void ops_names_release(struct ops_names *names);
enum { OPS_SECRET_TEXT_SIZE = 65 };
void ops_make_secret(char out[OPS_SECRET_TEXT_SIZE]);
/* All that a record conflicts with, whatever the rules make of it; nobody is shown it yet. */
TF_MUST_CHECK enum tf_status ops_conflicts_of(struct ops *ops, const struct line_context *c,
                                              const struct ops_record *record,
                                              const struct tf_entity *entity,
                                              struct ops_verdict *out);
/* A conflict that was found from the other's side, as one of this party's sees it. */
void ops_conflict_turn(struct ops *ops, const struct line_context *c,
                       const struct ops_record *other, struct ops_conflict *conflict);
/* A record was written: cases of its conflicts across a line are opened, or are over. */
TF_MUST_CHECK enum tf_status ops_cases_follow(struct ops *ops, const struct line_context *c,
                                              const struct ops_record *record,
                                              const struct tf_entity *entity);
/* Whether cases of a line may be there only because its declarations were grown. */
TF_MUST_CHECK enum tf_status ops_is_grown(struct ops *ops, const struct line_context *c,
                                          const char *line, bool *out);
/* Says in the ledger that a record has more conflicts than can be listed. */
TF_MUST_CHECK enum tf_status ops_cases_too_many(const struct line_context *c,
                                                const struct ops_record *record);
/* The same for what was not written, but may be met by others now: cases that are open, with the
 * same versions, stay untouched. TF_TOO_LARGE: more conflicts than can be listed. */
TF_MUST_CHECK enum tf_status ops_cases_review(struct ops *ops, const struct line_context *c,
                                              const struct ops_record *record,
                                              const struct tf_entity *entity);
/* What a site says beside its feature, checked and completed: *out is a new object. `before`: the
 * version that is replaced; NULL: none. */
TF_MUST_CHECK enum tf_status ops_site_extra(const struct ops_draft *draft,
                                            const struct ops_record *before, json_t **out,
                                            struct tf_fault *fault);
/* Whether the place of a site is what was read back (site.h). */
TF_MUST_CHECK enum tf_status ops_site_readback(struct ops *ops, const struct line_context *c,
                                               const struct ops_draft *draft, const json_t *feature,
                                               struct tf_fault *fault);
/* The sensitive sites of a verdict, in the ledger: they are shown now. */
TF_MUST_CHECK enum tf_status ops_log_shown(const struct line_context *c,
                                           const struct ops_verdict *verdict);

/* --- JSON ---------------------------------------------------------------------------------------
 */

/* The members of a record, without brackets. */
void ops_print_members(struct tf_buf *out, const struct ops_record *record, bool with_feature);
/* {"kind":"...","at":"..." */
void ops_put_entry(struct tf_buf *out, const char *kind, const struct line_context *c);
/* Closes such an entry and appends it to the ledger; it stays the caller's. */
TF_MUST_CHECK enum tf_status ops_append_entry(struct tf_buf *entry, const struct line_context *c);
/* The kind of an alarm about one record: "<word>." and 16 digits of its id's hash. */
void ops_alarm_kind(const char *word, const char *id, char *out, size_t size);

/* What differs, as an array of {"path","before","after"}; appended. */
void ops_diff(struct tf_buf *out, const json_t *before, const json_t *after);

static inline enum tf_status ops_refuse(struct tf_fault *fault, enum tf_status code,
                                        const char *field, const char *message, const char *arg)
{
    return tf_fault_set(fault, code, TF_NO_INDEX, field, message, arg, NULL, NULL);
}

#endif
