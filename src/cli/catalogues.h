/*
 * catalogues.h - the translations as po/embed.py writes them into the binary.
 */
#ifndef TF_CLI_CATALOGUES_H
#define TF_CLI_CATALOGUES_H

#include <stddef.h>

enum { CATALOGUE_FORMS = 6 }; /* the most plural forms of a language: Arabic */

struct catalogue_entry {
    const char *english;                /* the singular, if it has plural forms */
    const char *forms[CATALOGUE_FORMS]; /* [0] alone without plural forms */
};
struct catalogue {
    const char *language;
    unsigned (*plural)(unsigned long n);   /* which form */
    const struct catalogue_entry *entries; /* sorted by english (strcmp) */
    size_t count;
};
extern const struct catalogue catalogues[];
extern const size_t catalogue_count;

#endif
