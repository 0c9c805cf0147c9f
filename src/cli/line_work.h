/*
 * line_work.h - what the commands of `tafadi line` have in common: one struct of arguments, of
 * which each command has the flags that it needs, and one act on the party's database.
 */
#ifndef TF_CLI_LINE_WORK_H
#define TF_CLI_LINE_WORK_H

#include "cli/party_state.h"
#include "cli/table.h"
#include "ops/reading.h"

struct line_args {
    struct common_args common;
    struct party_args party;
    const char *role, *language, *type, *body, *text, *reason, *at, *kind, *volume, *assessment,
        *output, *counters, *url_ca;
    int64_t from_ns, until_ns, time_ns;
    double radius_m, lower_m, upper_m;
    size_t limit, amends, days;
    bool own, cleared, allow_http;
};

struct line_work {
    struct party_act act; /* first */
    const struct line_args *args;
    const struct words *words; /* what is no flag: the line first */
    struct tf_buf *out;
    struct table table;
    struct line_info info;    /* of words[0] */
    const char *type;         /* of a message */
    json_t *body;             /* owned */
    int64_t seq, after, last; /* of events: shown up to; up to which this act shows them */
    struct ops_site_reading reading;
};

/* Finds words[0]; refuses with a sentence that names it. */
TF_MUST_CHECK enum tf_status line_work_find(struct line_work *w, const struct line_context *c);
/* Words as numbers: a message's, an alarm's. */
TF_MUST_CHECK bool line_work_number(const char *text, int64_t *out);
/* Runs w->act.run; prints nothing. */
bool line_work_do(struct line_work *w, struct party_state *state);
/* A time as text, "-" for none. */
void line_work_time(struct line_work *w, int64_t t_us);

/* Says w->body, in the role that is given or in this one, and prints what was said. */
bool line_work_say(struct line_work *w, struct party_state *state, const char *type,
                   const char *role);

typedef bool (*line_verb)(struct line_work *w, struct party_state *state);
/* The whole of a command that takes from `least` to `most` words. */
int line_work_run(const struct command *self, int argc, char **argv, size_t least, size_t most,
                  line_verb verb);

#define LINE_TABLES(name, flags)                                                                   \
    static const struct flag_table name[] = {FLAG_TABLE(TF_TEXT("Line"), flags, 0),                \
                                             PARTY_TABLE(offsetof(struct line_args, party)),       \
                                             COMMON_TABLE,                                         \
                                             {.count = 0}}
#define LINE_COMMAND(verb, function, least, most, tables_of, usage, text)                          \
    static int run_##function(const struct command *self, int argc, char **argv)                   \
    {                                                                                              \
        return line_work_run(self, argc, argv, least, most, function);                             \
    }                                                                                              \
    const struct command command_line_##function = {.name = "line " verb,                          \
                                                    .summary = text,                               \
                                                    .synopsis = usage,                             \
                                                    .tables = tables_of,                           \
                                                    .run = run_##function}
extern const struct flag_table line_plain_tables[];

extern const struct command command_line_open, command_line_list, command_line_show,
    command_line_alarms, command_line_clear, command_line_history, command_line_watch,
    command_line_say, command_line_text, command_line_notice, command_line_danger, command_line_ack,
    command_line_answer, command_line_suspend, command_line_resume, command_line_end,
    command_line_drill, command_line_memo, command_line_export, command_line_import,
    command_line_post, command_line_phrase, command_line_phrases;

#endif
