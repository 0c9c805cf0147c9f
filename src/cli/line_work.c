/*
 * line_work.c - the frame of the commands of `tafadi line`.
 */
#include "cli/line_work.h"

#include "cli/output.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct flag_table line_plain_tables[] = {
    PARTY_TABLE(offsetof(struct line_args, party)), COMMON_TABLE, {.count = 0}};

enum tf_status line_work_find(struct line_work *w, const struct line_context *c)
{
    const char *name = w->words->items[0];
    enum tf_status rc = line_find(c, name, &w->info);
    return rc == TF_NOT_FOUND
               ? tf_fault_set(&w->act.fault, rc, TF_NO_INDEX, "",
                              TF_TEXT("there is no line \"%1\": give the other party's id, or the "
                                      "beginning of the line's"),
                              name, NULL, NULL)
               : rc;
}

bool line_work_number(const char *text, int64_t *out)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || *end || end == text || number <= 0) {
        say_complain(TR("\"%1\" is not a number"), text, NULL);
        return false;
    }
    *out = number;
    return true;
}

bool line_work_do(struct line_work *w, struct party_state *state)
{
    return party_state_do(state, &w->act);
}

void line_work_time(struct line_work *w, int64_t t_us)
{
    char text[TF_TIME_TEXT_SIZE] = "-";
    if (t_us)
        tf_time_format(t_us / 1000000 * 1000000000, text);
    table_cell(&w->table, TABLE_PLAIN, text);
}

int line_work_run(const struct command *self, int argc, char **argv, size_t least, size_t most,
                  line_verb verb)
{
    struct line_args args = {.limit = 20, .days = 365, .upper_m = 150, .radius_m = 500};
    struct party_state state = {.sql = NULL};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 28);
    struct line_work w = {
        .args = &args, .words = &rest, .out = &out, .table = TABLE_INIT(TABLE_MAX_COLUMNS)};
    int code;
    w.act.out = &out;
    w.act.table = &w.table;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        if (rest.count < least || rest.count > most)
            code = command_count_error(self);
        else if (party_state_open(&state, &args.party) && verb(&w, &state) && output_print(&out))
            code = EXIT_NONE;
        else
            code = party_state_code(&state);
    }
    party_state_close(&state);
    json_decref(w.body);
    table_release(&w.table);
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}
