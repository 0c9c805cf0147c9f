/*
 * search.h - from a picture to its conflicts: the flags of the search, the
 * index, and which pairs are wanted.
 */
#ifndef TF_CLI_SEARCH_H
#define TF_CLI_SEARCH_H

#include "cli/input.h"
#include "cli/separation.h"

struct search_args {
    struct separation_value separation;
    const char *separation_table;
    int64_t from_ns, until_ns; /* TF_TIME_MIN, TF_TIME_MAX: not given */
    struct words only;
    bool with_drafts;
};
#define SEARCH_ARGS_INIT                                                                           \
    {                                                                                              \
        .from_ns = TF_TIME_MIN, .until_ns = TF_TIME_MAX                                            \
    }
enum { SEARCH_FLAG_COUNT = 3, WISH_FLAG_COUNT = 3 };
/* What is in conflict; and which conflicts are wished for. */
extern const struct flag search_flags[SEARCH_FLAG_COUNT], wish_flags[WISH_FLAG_COUNT];
#define SEARCH_TABLE(part) FLAG_TABLE(TF_TEXT("Search"), search_flags, part)
#define WISH_TABLE(part) FLAG_TABLE(TF_TEXT("Selection"), wish_flags, part)

/* A picture, searched. search_begin, then search_all and what else; search_end. */
struct search {
    const struct tf_picture *picture; /* borrowed */
    const struct search_args *args;   /* borrowed */
    const struct common_args *common; /* borrowed */
    size_t against_from;              /* entities from here on are those of --against;
                                         SIZE_MAX: there are none */
    struct tf_separation_table table;
    struct tf_index *index;
    struct tf_index_view *view;
    struct tf_search settings; /* ctx is this struct */
    int shown_percent;         /* progress on the terminal; -1: nothing shown */
    int64_t began_ns;
};
/* False after a complaint. search_end is valid either way. */
bool search_begin(struct search *search, const struct tf_picture *picture,
                  const struct search_args *args, const struct common_args *common,
                  size_t against_from);
bool search_all(struct search *search, struct tf_conflicts *out);
void search_end(struct search *search); /* idempotent */

/* Options for an entity of the picture (limits NULL: the defaults), with the terrain that
 * `input` states. False after a complaint. */
bool search_options(struct search *search, size_t entity, const struct tf_option_limits *limits,
                    const struct input_args *input, struct tf_options *out);

/* An error of the library as a complaint: what was being done to what. */
void search_complain(enum tf_status status);
/* Progress of something long, on the terminal if that is wanted. */
void search_show_progress(struct search *search, size_t done, size_t total);
/* Removes the progress line from the terminal, if there is one. */
void search_clear_progress(struct search *search);

/* The pair of a conflict that says most about it: fewest margins, then nearest. */
const struct tf_conflict_pair *search_key_pair(const struct tf_conflicts *list,
                                               const struct tf_conflict *conflict);

/* The one of two that has to move: an operation, not a zone or site; your own
 * rather than one of --against or not of --only; the one of lower priority; else the later
 * in the files. SIZE_MAX: neither can move. */
size_t search_mover(const struct search *search, const struct tf_conflict *conflict);

#endif
