/*
 * choose.c - which messages of a line go into a bundle: those that were asked for, the matters that
 * they belong to, and what is needed to verify and understand them.
 *
 * A matter is all that hangs together by "of" and "amends": a notice, its acknowledgements, what
 * amends it, and so on (union-find over all messages of the line).
 */
#include "evidence/choose.h"

#include "format/f3548.h"
#include "line/fields.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE = 500 };

void choice_release(struct choice *choice)
{
    for (int s = 0; s < CHOOSE_SIDES; s++)
        free(choice->pick[s]);
    *choice = (struct choice){0};
}

struct pick *choice_find(const struct choice *choice, bool is_own, int64_t seq)
{
    size_t low = 0, high = choice->count[is_own];
    struct pick *list = choice->pick[is_own];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < choice->count[is_own] && list[low].seq == seq ? &list[low] : NULL;
}

void choice_add(struct choice *choice, bool is_own, int64_t seq)
{
    struct pick *pick = choice_find(choice, is_own, seq);
    if (!pick || pick->is_chosen)
        return;
    pick->is_chosen = true;
    choice->chosen++;
}

/* --- what was asked for --------------------------------------------------------------------- */

struct reading {
    const struct line_context *c;
    const struct evidence_selection *selection;
    struct choice *choice;
    struct tf_shape *near; /* owned */
    int64_t last;          /* the number read last */
    size_t count;          /* in this page */
    enum tf_status rc;
};

/* A place that is a volume counts with all of its outline. */
static bool is_near(struct reading *r, const struct message *m, const struct message_place *place)
{
    struct tf_json root = tf_json_root(m->body), at = tf_json_get(&root, "volume");
    struct tf_volume4 volume;
    bool is_close;
    if (m->type == MESSAGE_NOTICE) {
        enum tf_status rc = tf_f3548_volume(&at, &volume, NULL);
        if (rc == TF_NOMEM)
            r->rc = rc;
        if (rc)
            return false;
        is_close = tf_shape_intersects(volume.shape, r->near);
        tf_volume4_release(&volume);
        return is_close;
    }
    return tf_shape_contains_point(r->near, (struct tf_latlng){place->lat_deg, place->lng_deg});
}

/* When a message speaks of a time, that counts; else when it was sent. */
static bool is_then(const struct evidence_selection *selection, const struct message *m,
                    const struct message_place *place)
{
    int64_t start_us = m->sent_us, end_us = m->sent_us;
    if (place && (place->start_us || place->end_us)) {
        start_us = place->start_us ? place->start_us : place->end_us;
        end_us = place->end_us ? place->end_us : place->start_us;
    }
    return start_us < selection->until_us && end_us >= selection->from_us;
}

/* Of the line's own types, or of another module's. */
static bool find_place(const struct reading *r, const struct message *m, struct message_place *out)
{
    for (size_t i = 0; i < r->c->extension_count; i++) {
        const struct line_extension *extension = &r->c->extensions[i];
        if (extension->place &&
            strncmp(m->type_name, extension->prefix, strlen(extension->prefix)) == 0)
            return extension->place(extension->ctx, m->type_name, m->body, out);
    }
    return message_place(m->type, m->body, out);
}

static bool is_hit(struct reading *r, const struct message *m, bool is_own)
{
    const struct evidence_selection *s = r->selection;
    struct message_place place;
    if (s->list && !s->has_place)
        return false; /* those are marked when all are read */
    bool has_place = s->has_place && find_place(r, m, &place);
    /* A sound notice has a place: where none is found, memory was short. */
    if (s->has_place && !has_place && m->type == MESSAGE_NOTICE &&
        message_check_body(m->type, m->body, NULL) == TF_OK)
        r->rc = TF_NOMEM;
    if (s->has_messages && (is_own != s->is_own || m->seq < s->first || m->seq > s->last))
        return false;
    if (s->has_place && (!has_place || !is_near(r, m, &place)))
        return false;
    return !s->has_time || is_then(s, m, has_place ? &place : NULL);
}

static bool has_key(const struct choice *choice, const struct key_public *key)
{
    for (size_t i = 0; i < choice->key_count; i++)
        if (memcmp(choice->keys[i].bytes, key->bytes, KEY_PUBLIC_SIZE) == 0)
            return true;
    return false;
}

static void note_key(struct choice *choice, const struct message *m)
{
    const char *text = json_string_value(json_object_get(m->body, "key"));
    struct key_public key;
    if (m->type == MESSAGE_ROTATE && text && choice->key_count < CHOOSE_KEYS_MAX &&
        key_unbase64(text, strlen(text), key.bytes, KEY_PUBLIC_SIZE) && !has_key(choice, &key))
        choice->keys[choice->key_count++] = key;
}

static struct pick *new_pick(struct choice *choice, bool is_own)
{
    size_t *capacity = &choice->capacity[is_own];
    if (choice->count[is_own] == *capacity) {
        size_t more = *capacity ? 2 * *capacity : 256;
        struct pick *list = realloc(choice->pick[is_own], more * sizeof *list);
        if (!list)
            return NULL;
        choice->pick[is_own] = list;
        *capacity = more;
    }
    return &choice->pick[is_own][choice->count[is_own]++];
}

static void take_parsed(struct reading *r, const struct line_message *stored,
                        const struct message *m)
{
    struct pick *pick = new_pick(r->choice, stored->is_own);
    if (!pick) {
        r->rc = TF_NOMEM;
        return;
    }
    *pick = (struct pick){.seq = m->seq,
                          .of = json_integer_value(json_object_get(m->body, "of")),
                          .amends = json_integer_value(json_object_get(m->body, "amends")),
                          .entry = stored->ledger_index,
                          .of_own_side = m->type == MESSAGE_WITHDRAW};
    pick->is_hit = is_hit(r, m, stored->is_own);
    memcpy(r->choice->own, stored->is_own ? m->from : m->to, KEY_NAME_SIZE);
    note_key(r->choice, m);
    if (m->type == MESSAGE_ROTATE)
        choice_add(r->choice, stored->is_own, m->seq);
}

static bool take_message(void *ctx, const struct line_message *stored)
{
    struct reading *r = ctx;
    struct message m = {0};
    r->rc = message_parse(stored->payload, stored->payload_len, &m, NULL);
    if (r->rc)
        return false;
    take_parsed(r, stored, &m);
    message_release(&m);
    r->last = stored->seq;
    r->count++;
    return r->rc == TF_OK;
}

static enum tf_status read_side(struct reading *r, const struct line_context *c, const char *line,
                                bool is_own)
{
    enum tf_status rc = TF_OK;
    r->last = 0;
    do {
        r->count = 0;
        rc = line_each_message(c, line, is_own, r->last, PAGE, take_message, r);
        rc = rc ? rc : r->rc;
    } while (!rc && r->count == PAGE);
    return rc;
}

/* --- matters --------------------------------------------------------------------------------- */

static struct pick *at(struct choice *choice, size_t index)
{
    return index < choice->count[0] ? &choice->pick[0][index]
                                    : &choice->pick[1][index - choice->count[0]];
}

static size_t index_of(const struct choice *choice, const struct pick *pick, bool is_own)
{
    return is_own ? choice->count[0] + (size_t)(pick - choice->pick[1])
                  : (size_t)(pick - choice->pick[0]);
}

static size_t top_of(struct choice *choice, size_t index)
{
    while (at(choice, index)->above != index) {
        struct pick *pick = at(choice, index);
        pick->above = at(choice, pick->above)->above; /* halves the way for the next */
        index = pick->above;
    }
    return index;
}

static void join(struct choice *choice, size_t index, bool is_own, int64_t seq)
{
    struct pick *other = seq > 0 ? choice_find(choice, is_own, seq) : NULL;
    if (!other)
        return;
    size_t a = top_of(choice, index), b = top_of(choice, index_of(choice, other, is_own));
    struct pick *below = at(choice, b);
    at(choice, a)->is_hit = at(choice, a)->is_hit || below->is_hit;
    below->above = a;
}

static void join_all(struct choice *choice)
{
    size_t all = choice->count[0] + choice->count[1];
    for (size_t i = 0; i < all; i++)
        at(choice, i)->above = i;
    for (size_t i = 0; i < all; i++) {
        bool is_own = i >= choice->count[0];
        const struct pick *pick = at(choice, i);
        join(choice, i, pick->of_own_side ? is_own : !is_own, pick->of);
        join(choice, i, is_own, pick->amends);
    }
    for (size_t i = 0; i < all; i++)
        if (at(choice, top_of(choice, i))->is_hit)
            choice_add(choice, i >= choice->count[0], at(choice, i)->seq);
}

/* --- complete ranges ------------------------------------------------------------------------ */

/* From the first that fits to the last, all: clocks may have been set in between. */
static void set_ranges(const struct evidence_selection *selection, struct choice *choice)
{
    for (int s = 0; s < CHOOSE_SIDES; s++) {
        struct pick *first = NULL, *last = NULL;
        for (size_t i = 0; !selection->has_place && !selection->list && i < choice->count[s]; i++) {
            struct pick *pick = &choice->pick[s][i];
            first = !first && pick->is_hit ? pick : first;
            last = pick->is_hit ? pick : last;
        }
        if (!first)
            continue;
        choice->first[s] = first->seq;
        choice->last[s] = last->seq;
        for (struct pick *pick = first; pick <= last; pick++)
            pick->is_hit = true;
    }
}

/* Nothing that was asked for by its number is left out without a word. */
static enum tf_status mark_list(const struct evidence_selection *s, const struct choice *choice,
                                struct tf_fault *fault)
{
    char number[24];
    for (size_t i = 0; i < s->list_count; i++) {
        struct pick *pick = choice_find(choice, s->list[i].is_own, s->list[i].seq);
        if (pick) {
            pick->is_hit = true;
            continue;
        }
        snprintf(number, sizeof number, "%lld", (long long)s->list[i].seq);
        return tf_fault_set(fault, TF_NOT_FOUND, i, "messages",
                            TF_TEXT("There is no message %1 of this side on this line."), number,
                            NULL, NULL);
    }
    return TF_OK;
}

static bool take_memo(void *ctx, const struct line_memo *memo)
{
    struct choice *choice = ctx;
    if (memo->agreed_us) {
        choice_add(choice, true, memo->own_signed);
        choice_add(choice, false, memo->peer_signed);
    }
    return true;
}

static enum tf_status make(struct reading *r, const struct line_context *c,
                           const struct line_info *line, struct tf_fault *fault)
{
    struct choice *choice = r->choice;
    enum tf_status rc = TF_OK;
    for (int s = 0; !rc && s < CHOOSE_SIDES; s++)
        rc = read_side(r, c, line->id, s == 1);
    if (rc)
        return tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    rc = mark_list(r->selection, choice, fault);
    if (rc)
        return rc;
    set_ranges(r->selection, choice);
    size_t rotations = choice->chosen;
    join_all(choice);
    if (choice->chosen == rotations && !choice->first[0] && !choice->first[1])
        return tf_fault_set(fault, TF_NOT_FOUND, TF_NO_INDEX, "",
                            TF_TEXT("No message of this line fits. Choose another time, place or "
                                    "number."),
                            NULL, NULL, NULL);
    rc = line_each_memo(c, line->id, take_memo, choice);
    return rc ? tf_fault_set(fault, rc, TF_NO_INDEX, "", NULL, NULL, NULL, NULL) : TF_OK;
}

enum tf_status choice_make(const struct line_context *c, const struct line_info *line,
                           const struct evidence_selection *selection, struct choice *out,
                           struct tf_fault *fault)
{
    struct reading r = {.c = c, .selection = selection, .choice = out};
    enum tf_status rc = TF_OK;
    if (selection->has_place)
        rc = tf_shape_circle((struct tf_latlng){selection->lat_deg, selection->lng_deg},
                             selection->radius_m, &r.near, fault);
    if (rc)
        return rc;
    rc = make(&r, c, line, fault);
    tf_shape_unref(r.near);
    return rc;
}
