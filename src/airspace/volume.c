/*
 * volume.c - 4D volumes, and the words of kinds, states and restrictions.
 */
#include <stdlib.h>
#include <tafadi/volume.h>

enum tf_status tf_volume4_make(struct tf_shape *shape, const struct tf_band *alt, int64_t start_ns,
                               int64_t end_ns, struct tf_volume4 *out, struct tf_fault *fault)
{
    if (start_ns >= end_ns) {
        char start[TF_TIME_TEXT_SIZE], end[TF_TIME_TEXT_SIZE];
        tf_time_format(start_ns, start);
        tf_time_format(end_ns, end);
        return tf_fault_set(fault, TF_TIME, TF_NO_INDEX, "time_end",
                            TF_TEXT("The end %2 is not after the start %1. Check both times and "
                                    "their time zones."),
                            start, end, NULL);
    }
    *out = (struct tf_volume4){
        .shape = tf_shape_ref(shape), .alt = *alt, .start_ns = start_ns, .end_ns = end_ns};
    return TF_OK;
}

struct tf_volume4 tf_volume4_ref(const struct tf_volume4 *volume)
{
    struct tf_volume4 copy = *volume;
    copy.shape = tf_shape_ref(volume->shape);
    return copy;
}

void tf_volume4_release(struct tf_volume4 *volume)
{
    tf_shape_unref(volume->shape);
    volume->shape = NULL;
}

void tf_volumes_free(struct tf_volume4 *volumes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        tf_volume4_release(&volumes[i]);
    free(volumes);
}

#define WORD(name, word) word,
static const char *const kind_words[] = {TF_KIND_LIST(WORD)};
static const char *const state_words[] = {TF_STATE_LIST(WORD)};
static const char *const restriction_words[] = {TF_RESTRICTION_LIST(WORD)};
#undef WORD

const char *tf_kind_word(enum tf_kind kind)
{
    return (unsigned)kind < TF_KIND_COUNT ? kind_words[kind] : "?";
}

const char *tf_state_word(enum tf_state state)
{
    return (unsigned)state < TF_STATE_COUNT ? state_words[state] : "?";
}

const char *tf_restriction_word(enum tf_restriction restriction)
{
    return (unsigned)restriction < TF_RESTRICTION_COUNT ? restriction_words[restriction] : "?";
}

/* ASCII only, whatever the locale says about case. */
static char lower_case(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_word(const char *a, const char *b)
{
    while (*a && lower_case(*a) == lower_case(*b))
        a++, b++;
    return !*a && !*b;
}

/* Index of `word` in the list, or `count`. */
static unsigned find_word(const char *word, const char *const *words, unsigned count)
{
    unsigned i = 0;
    while (i < count && !same_word(word, words[i]))
        i++;
    return i;
}

enum tf_status tf_kind_from_word(const char *word, enum tf_kind *out)
{
    unsigned i = find_word(word, kind_words, TF_KIND_COUNT);
    if (i == TF_KIND_COUNT)
        return TF_NOT_FOUND;
    *out = (enum tf_kind)i;
    return TF_OK;
}

enum tf_status tf_state_from_word(const char *word, enum tf_state *out)
{
    unsigned i = find_word(word, state_words, TF_STATE_COUNT);
    if (i == TF_STATE_COUNT)
        return TF_NOT_FOUND;
    *out = (enum tf_state)i;
    return TF_OK;
}

enum tf_status tf_restriction_from_word(const char *word, enum tf_restriction *out)
{
    unsigned i = find_word(word, restriction_words, TF_RESTRICTION_COUNT);
    if (i == TF_RESTRICTION_COUNT)
        return TF_NOT_FOUND;
    *out = (enum tf_restriction)i;
    return TF_OK;
}
