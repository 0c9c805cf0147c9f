/*
 * flags.c - command line flags by table.
 */
#include "cli/flags.h"

#include "cli/say.h"
#include <stdlib.h>
#include <string.h>

bool words_add(struct words *words, const char *word)
{
    const char **items = realloc(words->items, (words->count + 1) * sizeof *items);
    if (!items)
        return false;
    items[words->count] = word;
    words->items = items;
    words->count++;
    return true;
}

void words_release(struct words *words)
{
    free(words->items);
    words->items = NULL;
    words->count = 0;
}

/* A flag with the table that it stands in. */
struct match {
    const struct flag_table *table;
    const struct flag *flag;
};

/* By long name (`len` bytes of it), or by letter if name is NULL. */
static struct match find_flag(const struct flag_table *tables, const char *name, size_t len,
                              char letter)
{
    for (const struct flag_table *t = tables; t->count; t++) {
        for (size_t i = 0; i < t->count; i++) {
            const struct flag *flag = &t->flags[i];
            bool same = name ? strlen(flag->name) == len && !strncmp(flag->name, name, len)
                             : flag->letter == letter;
            if (same)
                return (struct match){t, flag};
        }
    }
    return (struct match){NULL, NULL};
}

/* Edits (insert, remove, replace) between two short words; large if one is long. */
static size_t edit_distance(const char *a, size_t len_a, const char *b)
{
    enum { LONGEST = 32 };
    size_t len_b = strlen(b), row[LONGEST + 1];
    if (len_a > LONGEST || len_b > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= len_b; j++)
        row[j] = j;
    for (size_t i = 1; i <= len_a; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= len_b; j++) {
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            size_t change = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            diagonal = row[j];
            row[j] = replace < change ? replace : change;
        }
    }
    return row[len_b];
}

static void complain_unknown(const struct flag_table *tables, const char *word)
{
    const char *name = word + 2, *nearest = NULL;
    size_t len = strcspn(name, "="), least = 3;
    for (const struct flag_table *t = tables; t->count; t++) {
        for (size_t i = 0; i < t->count; i++) {
            size_t edits = edit_distance(name, len, t->flags[i].name);
            if (edits < least) {
                least = edits;
                nearest = t->flags[i].name;
            }
        }
    }
    if (nearest)
        say_complain(TR("unknown flag %1; did you mean --%2?"), word, nearest, NULL);
    else
        say_complain(TR("unknown flag %1; --help lists the flags"), word, NULL);
}

/* Stores a value (or sets a switch). */
static bool apply(struct match match, void *args, const char *value)
{
    void *member = (char *)args + match.table->base + match.flag->offset;
    if (!match.flag->reader) {
        *(bool *)member = true;
        return true;
    }
    if (match.flag->reader->read(value, member))
        return true;
    say_complain(say_tr(match.flag->reader->refusal), match.flag->name, value, NULL);
    return false;
}

/* Reads the flag at argv[0], with its value from argv[1] if need be. Returns how many
 * words it took, 0 after a complaint. */
static int parse_one(const struct flag_table *tables, void *args, int argc, char **argv)
{
    const char *word = argv[0], *equals = NULL, *value = NULL;
    struct match match;
    if (word[1] == '-') {
        equals = strchr(word, '=');
        match = find_flag(tables, word + 2, strcspn(word + 2, "="), 0);
    } else {
        match = find_flag(tables, NULL, 0, word[1]);
        value = word[2] ? word + 2 : NULL;
    }
    if (!match.flag || (!match.flag->reader && value)) {
        complain_unknown(tables, word);
        return 0;
    }
    value = equals ? equals + 1 : value;
    if (!match.flag->reader && value) {
        say_complain(TR("--%1 takes no value"), match.flag->name, NULL);
        return 0;
    }
    bool next = match.flag->reader && !value;
    if (next && argc < 2) {
        say_complain(TR("--%1 needs a value: --%1 %2"), match.flag->name, match.flag->value, NULL);
        return 0;
    }
    return apply(match, args, next ? argv[1] : value) ? 1 + next : 0;
}

static bool is_flag(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

bool flags_parse_leading(const struct flag_table *tables, void *args, int argc, char **argv,
                         int *used)
{
    int i = 0;
    while (i < argc && is_flag(argv[i])) {
        int took = parse_one(tables, args, argc - i, argv + i);
        if (took == 0)
            return false;
        i += took;
    }
    *used = i;
    return true;
}

bool flags_parse(const struct flag_table *tables, void *args, int argc, char **argv,
                 struct words *rest)
{
    bool ended = false;
    for (int i = 0; i < argc;) {
        if (!ended && !strcmp(argv[i], "--")) {
            ended = true;
            i++;
        } else if (!ended && is_flag(argv[i])) {
            int took = parse_one(tables, args, argc - i, argv + i);
            if (took == 0)
                return false;
            i += took;
        } else if (words_add(rest, argv[i])) {
            i++;
        } else {
            say_complain(TR("out of memory"), NULL);
            return false;
        }
    }
    return true;
}
