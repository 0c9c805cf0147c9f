/*
 * cmd_party.c - `tafadi party`: one's own key and card, and the cards of others.
 */
#include "cli/command.h"

#include "cli/input.h"
#include "cli/output.h"
#include "cli/party_init.h"
#include "cli/party_state.h"
#include "cli/qr.h"
#include "cli/readers.h"
#include "cli/table.h"
#include "desk/print.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- card -------------------------------------------------------------------------------- */

struct card_args {
    struct common_args common;
    struct party_args party;
    const char *output;
    bool text, qr;
};
static const struct flag card_flags[] = {
    {"output", 'o', "FILE", &text_reader, offsetof(struct card_args, output),
     TF_TEXT("write it to a file")},
    {"text", 0, NULL, NULL, offsetof(struct card_args, text), TF_TEXT("the card alone")},
    {"qr", 0, NULL, NULL, offsetof(struct card_args, qr),
     TF_TEXT("as a QR code, to be photographed from the screen")},
};
static const struct flag_table card_tables[] = {FLAG_TABLE(TF_TEXT("Card"), card_flags, 0),
                                                PARTY_TABLE(offsetof(struct card_args, party)),
                                                COMMON_TABLE,
                                                {.count = 0}};

/* The fingerprint in the user's language: four words a line, then the digits. */
static void print_fingerprint(const struct card *card, struct tf_buf *out)
{
    uint8_t fingerprint[KEY_HASH_SIZE];
    char digits[FINGERPRINT_DIGITS_SIZE];
    envelope_fingerprint(&card->key, fingerprint);
    fingerprint_digits(fingerprint, digits);
    for (int i = 0; i < FINGERPRINT_WORDS; i++)
        tf_buf_printf(out, "%s%s", i % 4 ? " " : "  ",
                      fingerprint_word(say_language(), fingerprint[i])),
            tf_buf_text(out, i % 4 == 3 ? "\n" : "");
    tf_buf_printf(out, "  %s\n", digits);
}

/* The card as it was signed: showing it needs no key. */
static bool read_own(const struct party_args *args, struct card *card, struct tf_buf *text)
{
    char dir[STATE_PATH_SIZE], path[STATE_PATH_SIZE];
    if (!state_name(args->state_dir, dir))
        return false;
    if (!party_is_there(dir)) {
        say_complain(TR("there is no party in %1 yet: tafadi party init makes one"), dir, NULL);
        return false;
    }
    return party_read_card(dir, card) && state_path(dir, "party.card", path) &&
           state_read(path, text);
}

static bool print_card(const struct card_args *args, struct tf_buf *out)
{
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX + 1);
    struct card card;
    bool good = read_own(&args->party, &card, &text);
    if (good && args->party.json) {
        tf_buf_char(out, '{');
        desk_print_card(out, &card, text.data);
        tf_buf_text(out, "}\n");
    } else if (good && args->qr) {
        good = qr_print(text.data, text.len, out) == TF_OK;
        if (!good)
            say_complain(TR("out of memory"), NULL);
    } else if (good) {
        tf_buf_append(out, text.data, text.len);
        /* Into a file or another program goes what party add takes: the card and no more. */
        if (!args->text && !args->output && isatty(STDOUT_FILENO) == 1) {
            tf_buf_char(out, '\n');
            say_fill(out, TR("Fingerprint, to be compared by voice:"), NULL);
            tf_buf_char(out, '\n');
            print_fingerprint(&card, out);
        }
    }
    tf_buf_release(&text);
    return good;
}

static int run_card(const struct command *self, int argc, char **argv)
{
    struct card_args args = {0};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 20);
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        if (rest.count > 0)
            code = command_usage_error(self);
        else if (print_card(&args, &out) &&
                 (args.output ? output_file(args.output, &out) : output_print(&out)))
            code = EXIT_NONE;
    }
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

/* --- add, list, fingerprint ----------------------------------------------------------------- */

struct plain_args {
    struct common_args common;
    struct party_args party;
};
static const struct flag_table plain_tables[] = {
    PARTY_TABLE(offsetof(struct plain_args, party)), COMMON_TABLE, {.count = 0}};

struct adding {
    struct party_act act; /* first */
    const struct tf_buf *text;
    struct card card;
};

static enum tf_status add_run(struct party_act *act, const struct line_context *c)
{
    struct adding *adding = (struct adding *)act;
    return line_add_party(c, adding->text->data, adding->text->len, &adding->card, &act->fault);
}

static bool add(const struct plain_args *args, const char *path, struct tf_buf *out)
{
    struct party_state state;
    struct tf_buf text = TF_BUF_INIT(65536);
    struct adding adding = {.act.run = add_run, .text = &text};
    bool good = input_bytes(path, &text) && text.len > 0 && party_state_open(&state, &args->party);
    if (good) {
        good = party_state_do(&state, &adding.act);
        party_state_close(&state);
    }
    if (good && args->party.json) {
        tf_buf_char(out, '{');
        desk_print_card(out, &adding.card, NULL);
        tf_buf_text(out, "}\n");
    } else if (good) {
        say_fill(out, TR("%1 (%2) is known now. Compare its fingerprint by voice:"), adding.card.id,
                 adding.card.title, NULL);
        tf_buf_char(out, '\n');
        print_fingerprint(&adding.card, out);
    }
    tf_buf_release(&text);
    return good;
}

struct listing {
    struct party_act act; /* first */
    struct tf_buf *out;
    bool json;
    const char *only; /* an id; NULL: all */
    struct table table;
    size_t found;
};

static bool list_one(void *ctx, const struct card *card, const char *text)
{
    struct listing *l = ctx;
    if (l->only && strcmp(l->only, card->id) != 0)
        return true;
    l->found++;
    if (l->json)
        return desk_visit_party(l->out, card, text);
    if (l->only) {
        print_fingerprint(card, l->out);
        return true;
    }
    table_cell(&l->table, TABLE_BOLD, card->id);
    table_cell(&l->table, TABLE_PLAIN, card->title);
    table_cell(&l->table, TABLE_PLAIN, card->url[0] ? card->url : "-");
    return true;
}

static enum tf_status list_run(struct party_act *act, const struct line_context *c)
{
    struct listing *l = (struct listing *)act;
    tf_buf_clear(l->out);
    l->found = 0;
    if (l->only && strcmp(l->only, c->card.id) == 0) {
        list_one(l, &c->card, NULL);
        return TF_OK;
    }
    enum tf_status rc = line_each_party(c, list_one, l);
    return !rc && l->only && !l->found ? TF_NOT_FOUND : rc;
}

static bool list(const struct plain_args *args, const char *only, struct tf_buf *out)
{
    struct party_state state = {.sql = NULL};
    struct listing l = {.act.run = list_run,
                        .out = out,
                        .json = args->party.json,
                        .only = only,
                        .table = TABLE_INIT(3)};
    l.act.out = out;
    l.act.table = &l.table;
    bool good = party_state_open(&state, &args->party) && party_state_do(&state, &l.act);
    if (good && !l.json && !only)
        good = table_print(&l.table, output_has_colour(), false, out) == TF_OK;
    else if (good && l.json)
        tf_buf_char(out, '\n');
    table_release(&l.table);
    party_state_close(&state);
    return good;
}

static bool list_all(const struct plain_args *args, const char *none, struct tf_buf *out)
{
    struct tf_buf items = TF_BUF_INIT(1 << 26);
    (void)none;
    bool good = list(args, NULL, &items);
    if (args->party.json) {
        tf_buf_text(out, "{\"parties\":[");
        tf_buf_append(out, items.data ? items.data : "", items.len ? items.len - 1 : 0);
        tf_buf_text(out, "]}\n");
    } else if (items.data) {
        tf_buf_append(out, items.data, items.len);
    }
    tf_buf_release(&items);
    return good;
}

static bool show_fingerprint(const struct plain_args *args, const char *id, struct tf_buf *out)
{
    struct tf_buf text = TF_BUF_INIT(CARD_TEXT_MAX + 1);
    struct card card;
    if (id)
        return list(args, id, out);
    bool good = read_own(&args->party, &card, &text);
    if (good && args->party.json) {
        tf_buf_char(out, '{');
        desk_print_card(out, &card, NULL);
        tf_buf_text(out, "}\n");
    } else if (good) {
        print_fingerprint(&card, out);
    }
    tf_buf_release(&text);
    return good;
}

/* A command of at most one word. */
static int run_plain(const struct command *self, int argc, char **argv, size_t least, size_t most,
                     bool (*act)(const struct plain_args *args, const char *word,
                                 struct tf_buf *out))
{
    struct plain_args args = {0};
    struct words rest = {0};
    struct tf_buf out = TF_BUF_INIT(1 << 26);
    int code;
    if (command_parse(self, &args, argc, argv, &rest, &code)) {
        code = EXIT_ERROR;
        if (rest.count < least || rest.count > most)
            code = command_count_error(self);
        else if (act(&args, rest.count ? rest.items[0] : NULL, &out) && output_print(&out))
            code = EXIT_NONE;
    }
    tf_buf_release(&out);
    words_release(&rest);
    return code;
}

static int run_add(const struct command *self, int argc, char **argv)
{
    return run_plain(self, argc, argv, 1, 1, add);
}

static int run_list(const struct command *self, int argc, char **argv)
{
    return run_plain(self, argc, argv, 0, 0, list_all);
}

static int run_fingerprint(const struct command *self, int argc, char **argv)
{
    return run_plain(self, argc, argv, 0, 1, show_fingerprint);
}

static const struct command command_card = {
    .name = "party card",
    .summary = TF_TEXT("Prints this party's signed card, to hand over to others."),
    .synopsis = "[--text | --qr | -o FILE]",
    .tables = card_tables,
    .run = run_card,
};
static const struct command command_add = {
    .name = "party add",
    .summary = TF_TEXT("Takes another party's card, and shows its fingerprint to compare."),
    .synopsis = "CARD-FILE",
    .tables = plain_tables,
    .run = run_add,
};
static const struct command command_list = {
    .name = "party list",
    .summary = TF_TEXT("Lists the parties that are known here."),
    .synopsis = "",
    .tables = plain_tables,
    .run = run_list,
};
static const struct command command_fingerprint = {
    .name = "party fingerprint",
    .summary = TF_TEXT("Shows a key's fingerprint as words and digits, to compare by voice."),
    .synopsis = "[ID] [--lang LANG]",
    .tables = plain_tables,
    .run = run_fingerprint,
};
static const struct command *const children[] = {
    &command_party_init, &command_party_set,   &command_card,         &command_add,
    &command_list,       &command_fingerprint, &command_party_rotate, NULL};
static const struct flag_table own_tables[] = {COMMON_TABLE, {.count = 0}};
const struct command command_party = {
    .name = "party",
    .summary = TF_TEXT("Makes a party: its key and card; takes the cards of others."),
    .synopsis = "COMMAND ...",
    .tables = own_tables,
    .run = command_run_child,
    .children = children,
};
