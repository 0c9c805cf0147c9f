/*
 * separation.c - reading separation tables, line by line.
 */
#include "cli/separation.h"

#include "cli/input.h"
#include "cli/say.h"
#include <string.h>

enum { FIELDS = 5, WORD_SIZE = 64, MAX_LINES = 10000 };

struct line_words {
    char word[FIELDS + 1][WORD_SIZE]; /* one more, to notice too many */
    size_t count;
};

/* Splits one line; false if a word is too long. */
static bool split(const char *line, size_t len, struct line_words *out)
{
    static const char blanks[] = " \t\r,;";
    const char *comment = memchr(line, '#', len);
    const char *end = comment ? comment : line + len;
    out->count = 0;
    while (line < end && out->count <= FIELDS) {
        const char *from = line;
        while (line < end && !(*line && strchr(blanks, *line)))
            line++;
        size_t word_len = (size_t)(line - from);
        if (word_len >= WORD_SIZE)
            return false;
        if (word_len > 0) {
            memcpy(out->word[out->count], from, word_len);
            out->word[out->count++][word_len] = '\0';
        }
        line += line < end;
    }
    return true;
}

/* A range of kinds: one, or all for "*". */
static bool kinds_of(const char *word, int *first, int *last)
{
    enum tf_kind kind;
    if (!strcmp(word, "*")) {
        *first = 0;
        *last = TF_KIND_COUNT - 1;
        return true;
    }
    if (tf_kind_from_word(word, &kind))
        return false;
    *first = *last = (int)kind;
    return true;
}

static void set_pairs(struct tf_separation_table *table, const int a[2], const int b[2],
                      const struct tf_separation *minima)
{
    for (int i = a[0]; i <= a[1]; i++) {
        for (int j = b[0]; j <= b[1]; j++) {
            if (minima) {
                bool compared = table->compared[i][j];
                bool broad = a[0] != a[1] || b[0] != b[1];
                tf_separation_set(table, (enum tf_kind)i, (enum tf_kind)j, *minima);
                /* "* *" does not make zones conflict with sites. */
                table->compared[i][j] = table->compared[j][i] = compared || !broad;
            } else {
                table->compared[i][j] = table->compared[j][i] = false;
            }
        }
    }
}

static enum tf_status read_line(const struct line_words *words, struct tf_separation_table *out,
                                struct tf_fault *fault)
{
    int a[2], b[2];
    bool none = words->count == 3 && !strcmp(words->word[2], "none");
    if (!none && words->count != FIELDS)
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                            TF_TEXT("A line has two kinds and the horizontal, vertical and time "
                                    "minima, or two kinds and \"none\"."),
                            NULL, NULL, NULL);
    if (!kinds_of(words->word[0], &a[0], &a[1]) || !kinds_of(words->word[1], &b[0], &b[1]))
        return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "kind",
                            TF_TEXT("\"%1\" or \"%2\" is not a kind; use other, crewed, "
                                    "rotorcraft, uncrewed, ground, sea, hazard, balloon, zone, "
                                    "site or *."),
                            words->word[0], words->word[1], NULL);
    if (none) {
        set_pairs(out, a, b, NULL);
        return TF_OK;
    }
    struct tf_separation minima = {0};
    const char *h = words->word[2], *v = words->word[3], *t = words->word[4];
    if (!read_length_m(h, strlen(h), &minima.horizontal_m) ||
        !read_length_m(v, strlen(v), &minima.vertical_m) ||
        !read_duration_ns(t, strlen(t), &minima.time_ns) || minima.horizontal_m < 0 ||
        minima.vertical_m < 0 || minima.time_ns < 0)
        return tf_fault_set(fault, TF_RANGE, TF_NO_INDEX, "minima",
                            TF_TEXT("\"%1 %2 %3\" are not minima; write two lengths and a "
                                    "duration as in 5NM 1000ft 60s."),
                            h, v, t);
    set_pairs(out, a, b, &minima);
    return TF_OK;
}

enum tf_status separation_parse(const char *text, size_t len, struct tf_separation_table *out,
                                size_t *line, struct tf_fault *fault)
{
    struct tf_separation_table table;
    const char *end = text + len;
    tf_separation_defaults(&table);
    *line = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline ? newline : end;
        struct line_words words;
        if (++*line > MAX_LINES || !split(text, (size_t)(stop - text), &words))
            return tf_fault_set(fault, TF_SYNTAX, TF_NO_INDEX, "",
                                TF_TEXT("This is not a separation table: the line is too long, or "
                                        "there are too many."),
                                NULL, NULL, NULL);
        enum tf_status status = words.count ? read_line(&words, &table, fault) : TF_OK;
        if (status)
            return status;
        text = newline ? newline + 1 : end;
    }
    *out = table;
    return TF_OK;
}

bool separation_file(const char *path, struct tf_separation_table *out)
{
    struct tf_buf bytes;
    struct tf_fault fault;
    size_t line;
    if (!input_bytes(path, &bytes))
        return false;
    enum tf_status status =
        separation_parse(bytes.len ? bytes.data : "", bytes.len, out, &line, &fault);
    tf_buf_release(&bytes);
    if (!status)
        return true;
    char message[1024];
    tf_fault_text(&fault, say_tr(fault.message), message, sizeof message);
    say_complain("%1:%2: %3", path, say_count(line).s, message, NULL);
    return false;
}
