/*
 * op_work.h - what the commands on a party's register share: flags, files, tables.
 */
#ifndef TF_CLI_OP_WORK_H
#define TF_CLI_OP_WORK_H

#include "cli/input.h"
#include "cli/party_state.h"
#include "cli/print.h"
#include "cli/word_readers.h"
#include "ops/site.h"
#include "uss/operation.h"

/* All flags of `tafadi op` and `tafadi site`; each command shows those that it reads. */
struct op_args {
    struct common_args common;
    struct party_args party;
    struct input_args input;
    const char *role, *reason, *match, *state, *note, *until_text, *of;
    /* op add: of the operation */
    const char *feature, *new_id, *name, *at, *lower, *upper, *priority, *disclosure;
    double radius_m, accuracy_v_m;
    int64_t start_ns, end_ns;
    struct words allow, days;
    int64_t every_ns, until_ns;
    size_t count, option;
    bool submits, replaces, all, options, is_template;
};

/* Their flags, where several commands have the same. */
#define OP(member) offsetof(struct op_args, member)
#define OP_ROLE_FLAG                                                                               \
    {                                                                                              \
        "role", 0, "ROLE", &role_reader, OP(role),                                                 \
            TF_TEXT("the role acted in: planner, duty-officer, head-of-cell")                      \
    }
#define OP_REASON_FLAG                                                                             \
    {                                                                                              \
        "reason", 0, "TEXT", &text_reader, OP(reason), TF_TEXT("why; it is kept in the ledger")    \
    }
#define OP_MATCH_FLAG                                                                              \
    {                                                                                              \
        "if-match", 0, "ETAG", &text_reader, OP(match),                                            \
            TF_TEXT("only if this is still the present version")                                   \
    }
#define OP_REPLACE_FLAG                                                                            \
    {                                                                                              \
        "replace", 0, NULL, NULL, OP(replaces),                                                    \
            TF_TEXT("records of the same id become another version")                               \
    }
#define OP_ALL_FLAG                                                                                \
    {                                                                                              \
        "all", 0, NULL, NULL, OP(all), TF_TEXT("all or nothing")                                   \
    }

/* One act of these commands, in a transaction of the party's. */
struct op_work {
    struct party_act act; /* first */
    const struct op_args *args;
    enum ops_class class;
    const char *id;            /* the argument, if there is one; or made_id */
    char made_id[OPS_ID_SIZE]; /* of what this act made */
    enum ops_act deed;
    struct ops *ops;
    struct ops_who who;
    struct tf_buf bytes; /* of a file */
    const char *file;
    struct tf_buf *out;
    struct table *table;
    size_t counts[4]; /* of an import: added, updated, unchanged, refused */
    size_t shown;
    bool has_conflicts;
    bool has_warned; /* about the file: in whatever try, but once */
    bool is_held;    /* what was asked for waits: the node's USS carries it out */
    bool is_asked;   /* the node's USS asks a DSS first */
    bool is_again;   /* the second time, after either: set by the frame, never by an act, which may
                      * be run more than once */
};

/* The ops of the work, and who acts: `role` if no flag says. */
enum tf_status op_begin(struct op_work *work, const char *role);
/* The verdict as a table with its options, or as JSON. */
enum tf_status op_print_verdict(struct op_work *work, const struct ops_verdict *verdict,
                                const struct tf_entity *entity);
/* What was written, and whether the act was applied; in JSON the verdict, or null, has to follow.
 */
void op_print_written(struct op_work *work, const struct ops_written *written, bool applied);
/* Reads work->file's features into the register, a row for each, and tells of them. */
enum tf_status op_import_run(struct party_act *act, const struct line_context *c);
/* What was changed is told on the lines whose memoranda demand it (as a node would, in a second).
 */
enum tf_status op_told(struct op_work *work, const struct line_context *c, enum tf_status rc);
/* What its USS made of an operation: a line or two, or the member "intent". */
enum tf_status op_print_intent(struct op_work *work, const struct line_context *c, const char *id,
                               bool as_json);
/* rc; TF_NOT_FOUND in words, if nothing else has put it so. */
enum tf_status op_none(struct op_work *work, enum tf_status rc);
/* A visitor (ctx: the work) that shows a record whole. */
bool op_show_one(void *ctx, const struct ops_record *record);
/* The end of a list: its brackets, or the table. */
void op_list_end(struct op_work *work);
/* The end of an import: what became of how many. */
void op_import_end(struct op_work *work);
/* A state's word in the user's language. */
const char *op_state(enum ops_state state);
/* A time of a table; open ones: "-". */
void op_time_cell(struct table *table, int64_t t_us);
/* A JSON array of words; NULL if there are none (or no memory). */
json_t *op_words(const struct words *words);

/* What the node's USS has made of what is held, shown. */
enum tf_status op_held_run(struct op_work *work, const struct line_context *c);
extern const struct command op_add;                             /* op_add.c */
extern const struct command op_position, op_reports, op_report; /* op_report.c */

/* Opens the party, runs the work's act, prints. `arguments`: how many are wanted; the first is
 * work.id. */
int op_run(const struct command *self, int argc, char **argv, size_t arguments,
           enum ops_class class, enum ops_act deed,
           enum tf_status (*run)(struct party_act *act, const struct line_context *c),
           void (*finish)(struct op_work *work), size_t columns);

#endif
