/*
 * flags.h - the flags of a command as tables, from which parsing, --help and the
 * bash completion are made, so that they cannot disagree.
 *
 * A command has one struct for its arguments. A flag table names a part of that struct
 * (`base`), a flag a member of the part (`offset`), and a reader turns the
 * flag's text into the member. GNU habits: --name=value or --name value, "--" ends the
 * flags, "-" is a file, flags and files may be mixed.
 */
#ifndef TF_CLI_FLAGS_H
#define TF_CLI_FLAGS_H

#include <stdbool.h>
#include <stddef.h>

/* A list of borrowed strings (of argv). */
struct words {
    const char **items; /* owned array */
    size_t count;
};
bool words_add(struct words *words, const char *word); /* false: out of memory */
void words_release(struct words *words);

/* How a value is read. `read` returns false if the text is not one; `refusal` is
 * the message then: %1 the flag, %2 the text. */
struct flag_reader {
    bool (*read)(const char *text, void *out);
    const char *refusal;
    const char *const *choices; /* words for completion, NULL-terminated; may be NULL */
};

struct flag {
    const char *name;  /* without the dashes */
    char letter;       /* short form, or 0 */
    const char *value; /* what the help calls the value; NULL: a switch (a bool member) */
    const struct flag_reader *reader; /* NULL for a switch */
    size_t offset;
    const char *help; /* one sentence, TF_TEXT */
};

struct flag_table {
    const char *title; /* TF_TEXT, heads the table in --help */
    const struct flag *flags;
    size_t count;
    size_t base; /* of the part in the command's struct */
};
#define FLAG_TABLE(heading, rows, part)                                                            \
    {                                                                                              \
        .title = (heading), .flags = (rows), .count = sizeof(rows) / sizeof *(rows),               \
        .base = (part)                                                                             \
    }

/*
 * Parses argv[0..argc) into `args`; what is no flag goes to `rest`. False: it has
 * complained on standard error (a usage error, or no memory). `tables` ends with
 * an entry of count 0.
 */
bool flags_parse(const struct flag_table *tables, void *args, int argc, char **argv,
                 struct words *rest);
/* As flags_parse, but stops before the first word that is no flag; *used counts what was taken. */
bool flags_parse_leading(const struct flag_table *tables, void *args, int argc, char **argv,
                         int *used);

#endif
