/*
 * search.c - building the index and searching it as the flags say.
 */
#include "cli/search.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const struct flag search_flags[SEARCH_FLAG_COUNT] = {
    {"separation", 's', "H,V,T", &separation_reader, offsetof(struct search_args, separation),
     TF_TEXT("horizontal, vertical and time minima for every pair, as in 5NM,1000ft,60s (units m, "
             "km, NM, ft; s, min, h)")},
    {"separation-table", 0, "FILE", &text_reader, offsetof(struct search_args, separation_table),
     TF_TEXT("minima by pair of kinds (otherwise the defaults of docs/separation.md)")},
    {"with-drafts", 0, NULL, NULL, offsetof(struct search_args, with_drafts),
     TF_TEXT("check drafts as well")}};

const struct flag wish_flags[WISH_FLAG_COUNT] = {
    {"from", 0, "TIME", &time_reader, offsetof(struct search_args, from_ns),
     TF_TEXT("only conflicts that last beyond this time, as in 2026-11-24T10:00:00Z")},
    {"until", 0, "TIME", &time_reader, offsetof(struct search_args, until_ns),
     TF_TEXT("only conflicts that begin before this time")},
    {"only", 0, "PARTY|ID", &list_reader, offsetof(struct search_args, only),
     TF_TEXT("only conflicts of this party or id (may be given several times)")}};

static int64_t monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * TF_SECOND_NS + now.tv_nsec;
}

static bool is_called(const struct tf_entity *entity, const char *name)
{
    return (entity->id && !strcmp(entity->id, name)) ||
           (entity->party && !strcmp(entity->party, name));
}

static bool is_named(const struct tf_entity *entity, const struct words *names)
{
    for (size_t i = 0; i < names->count; i++)
        if (is_called(entity, names->items[i]))
            return true;
    return false;
}

/* A name that nothing has finds no conflict, and a misspelt one should not look like safety. */
static void warn_unnamed(const struct tf_picture *picture, const struct words *only)
{
    for (size_t i = 0; i < only->count; i++) {
        size_t k = 0;
        while (k < picture->count && !is_called(&picture->entities[k], only->items[i]))
            k++;
        if (k == picture->count)
            say_complain(TR("--only %1: nothing in these files has this party or id"),
                         only->items[i], NULL);
    }
}

static bool want_pair(void *ctx, uint64_t a, uint64_t b)
{
    const struct search *search = ctx;
    const struct words *only = &search->args->only;
    if (search->against_from != SIZE_MAX &&
        (a >= search->against_from) == (b >= search->against_from))
        return false;
    return only->count == 0 || is_named(&search->picture->entities[a], only) ||
           is_named(&search->picture->entities[b], only);
}

/* A line on the terminal, only once the search has lasted long enough to be noticed. */
static bool show_progress(void *ctx, size_t done, size_t total)
{
    struct search *search = ctx;
    int percent = total ? (int)((double)done * 100 / (double)total) : 100;
    if (percent == search->shown_percent || monotonic_ns() - search->began_ns < TF_SECOND_NS / 2)
        return true;
    search->shown_percent = percent;
    char number[16];
    snprintf(number, sizeof number, "%d", percent);
    say_progress(TR("searching: %1 %"), number);
    return true;
}

void search_clear_progress(struct search *search)
{
    if (search->shown_percent >= 0)
        say_progress_end();
    search->shown_percent = -1;
}

void search_complain(enum tf_status status)
{
    if (status == TF_LIMIT)
        say_complain(TR("more than 10000000 pairs are in conflict; narrow the search with "
                        "--from, --until or --only, or check for volumes without limits"),
                     NULL);
    else
        say_complain(say_tr(tf_status_text(status)), NULL);
}

static bool choose_table(const struct search_args *args, struct tf_separation_table *out)
{
    if (args->separation.given && args->separation_table) {
        say_complain(TR("give either --separation or --separation-table, not both"), NULL);
        return false;
    }
    if (args->separation_table)
        return separation_file(args->separation_table, out);
    if (args->separation.given)
        tf_separation_uniform(args->separation.minima, out);
    else
        tf_separation_defaults(out);
    return true;
}

static void set_interval(const struct search_args *args, struct tf_search *settings)
{
    if (args->from_ns == TF_TIME_MIN && args->until_ns == TF_TIME_MAX)
        return;
    settings->from_ns = args->from_ns;
    settings->until_ns = args->until_ns;
}

bool search_begin(struct search *search, const struct tf_picture *picture,
                  const struct search_args *args, const struct common_args *common,
                  size_t against_from)
{
    *search = (struct search){.picture = picture,
                              .args = args,
                              .common = common,
                              .against_from = against_from,
                              .shown_percent = -1};
    if (!choose_table(args, &search->table))
        return false;
    search->settings = (struct tf_search){.table = &search->table, .ctx = search};
    set_interval(args, &search->settings);
    if (args->only.count > 0 || against_from != SIZE_MAX)
        search->settings.want = want_pair;
    if (!common->quiet)
        warn_unnamed(picture, &args->only);
    if (!common->quiet && isatty(STDERR_FILENO) == 1)
        search->settings.progress = show_progress;
    enum tf_status status = tf_index_new(&search->index);
    if (!status)
        status = tf_index_build_picture(search->index, picture, args->with_drafts);
    if (!status)
        status = tf_index_view_open(search->index, &search->view);
    if (status)
        search_complain(status);
    return status == TF_OK;
}

bool search_all(struct search *search, struct tf_conflicts *out)
{
    search->began_ns = monotonic_ns();
    enum tf_status status = tf_conflicts_all(search->view, &search->settings, out);
    search_clear_progress(search);
    if (status)
        search_complain(status);
    return status == TF_OK;
}

void search_end(struct search *search)
{
    tf_index_view_close(search->view);
    tf_index_free(search->index);
    search->view = NULL;
    search->index = NULL;
}

void search_show_progress(struct search *search, size_t done, size_t total)
{
    if (search->settings.progress)
        (void)search->settings.progress(search, done, total);
}

bool search_options(struct search *search, size_t entity, const struct tf_option_limits *limits,
                    const struct input_args *input, struct tf_options *out)
{
    struct tf_search settings = search->settings;
    struct tf_option_limits within = limits ? *limits : (struct tf_option_limits){0};
    struct tf_alt_context context;
    struct tf_fault fault = {0};
    settings.want = NULL; /* an option has to be clear of everything that is known */
    settings.from_ns = settings.until_ns = 0;
    settings.progress = NULL;
    within.altitudes = input_altitudes(input, &context);
    enum tf_status status = tf_options_find(
        search->view, entity, &search->picture->entities[entity], &settings, &within, out, &fault);
    if (status && fault.message) {
        char message[1024];
        tf_fault_text(&fault, say_tr(fault.message), message, sizeof message);
        say_complain("%1", message, NULL);
    } else if (status) {
        search_complain(status);
    }
    return status == TF_OK;
}

static unsigned margins(unsigned decided)
{
    unsigned count = 0;
    for (; decided; decided &= decided - 1)
        count++;
    return count;
}

const struct tf_conflict_pair *search_key_pair(const struct tf_conflicts *list,
                                               const struct tf_conflict *conflict)
{
    const struct tf_conflict_pair *best = &list->pairs[conflict->first_pair];
    for (size_t i = 1; i < conflict->pair_count; i++) {
        const struct tf_conflict_pair *pair = &list->pairs[conflict->first_pair + i];
        unsigned here = margins(pair->decided), least = margins(best->decided);
        if (here < least || (here == least && pair->distance_m < best->distance_m))
            best = pair;
    }
    return best;
}

static bool can_move(const struct tf_entity *entity)
{
    return entity->kind != TF_KIND_ZONE && entity->kind != TF_KIND_SITE;
}

size_t search_mover(const struct search *search, const struct tf_conflict *conflict)
{
    size_t a = (size_t)conflict->a, b = (size_t)conflict->b;
    const struct tf_entity *first = &search->picture->entities[a];
    const struct tf_entity *second = &search->picture->entities[b];
    const struct words *only = &search->args->only;
    if (!can_move(first) || !can_move(second))
        return can_move(first) ? a : can_move(second) ? b : SIZE_MAX;
    if (search->against_from != SIZE_MAX)
        return a < search->against_from ? a : b;
    if (is_named(first, only) != is_named(second, only))
        return is_named(first, only) ? a : b;
    return first->priority < second->priority ? a : b;
}
