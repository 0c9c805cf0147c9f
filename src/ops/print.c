/*
 * print.c - records and verdicts as JSON: the words of the REST API and of `tafadi op --json`.
 */
#include "ops/internal.h"

/* --- records ------------------------------------------------------------------------------ */

static void put_stamp(struct tf_buf *out, const char *name, int64_t at_us, const char *by)
{
    tf_put_open(out, name, '{');
    tf_put_time_us(out, "at", at_us);
    tf_put_text(out, "by", by);
    tf_buf_char(out, '}');
}

static void put_acts(struct tf_buf *out, const struct ops_record *r)
{
    tf_put_open(out, "acts", '[');
    for (int act = 0; act < OPS_ACT_COUNT && !r->owner[0]; act++) {
        enum ops_state after;
        bool own = r->class == OPS_OPERATION
                       ? ops_state_after(r->state, (enum ops_act)act, &after)
                       : r->state == OPS_STATE_ACTIVATED &&
                             (act == OPS_ACT_CHANGE || act == OPS_ACT_WITHDRAW);
        bool flies = act != OPS_ACT_CHANGE && act != OPS_ACT_WITHDRAW;
        if (own && !(r->is_template && flies))
            tf_put_text(out, NULL, ops_act_word((enum ops_act)act));
    }
    tf_buf_char(out, ']');
}

static void put_identity(struct tf_buf *out, const struct ops_record *r)
{
    tf_put_text(out, "class", ops_class_word(r->class));
    tf_put_text(out, "id", r->id);
    tf_put_text(out, "owner", r->owner);
    tf_put_int(out, "number", r->number);
    tf_put_int(out, "version", r->version);
    tf_put_int(out, "change", r->change);
}

void ops_print_members(struct tf_buf *out, const struct ops_record *r, bool with_feature)
{
    put_identity(out, r);
    tf_put_text(out, "etag", r->etag);
    tf_put_text(out, "state", ops_state_word(r->state));
    tf_put_text(out, "kind", tf_kind_word(r->kind));
    tf_put_int(out, "priority", r->priority);
    tf_put_text(out, "name", r->name[0] ? r->name : NULL);
    tf_put_text(out, "source", r->source);
    tf_put_flag(out, "template", r->is_template);
    tf_put_time_us(out, "start", r->start_us);
    tf_put_time_us(out, "end", r->end_us);
    put_stamp(out, "made", r->made_us, r->made_by);
    put_stamp(out, "changed", r->changed_us, r->changed_by);
    tf_put_text(out, "act", r->act);
    tf_put_text(out, "role", r->role[0] ? r->role : NULL);
    tf_put_text(out, "reason", r->reason[0] ? r->reason : NULL);
    put_acts(out, r);
    tf_put_json(out, "decisions", r->decisions, r->decisions_len);
    tf_put_json(out, "extra", r->extra, r->extra_len);
    if (with_feature)
        tf_put_json(out, "feature", r->feature, r->feature_len);
}

void ops_print_record(struct tf_buf *out, const struct ops_record *record, bool with_feature)
{
    tf_put_open(out, NULL, '{');
    ops_print_members(out, record, with_feature);
    tf_buf_char(out, '}');
}

void ops_print_shape(struct tf_buf *out, const struct ops_record *r)
{
    tf_put_open(out, NULL, '{');
    put_identity(out, r);
    tf_put_text(out, "state", ops_state_word(r->state));
    tf_put_text(out, "kind", tf_kind_word(r->kind));
    tf_put_text(out, "name", r->name[0] ? r->name : NULL);
    tf_put_time_us(out, "start", r->start_us);
    tf_put_time_us(out, "end", r->end_us);
    tf_put_json(out, "feature", r->feature, r->feature_len);
    tf_buf_char(out, '}');
}

/* --- conflicts ------------------------------------------------------------------------------- */

#define WORD(name, word) word,
static const char *const other_words[] = {OPS_OTHER_LIST(WORD)};
#undef WORD

static void put_place(struct tf_buf *out, const char *name, struct tf_latlng place)
{
    tf_put_open(out, name, '{');
    tf_put_double(out, "lat", place.lat_deg);
    tf_put_double(out, "lng", place.lng_deg);
    tf_buf_char(out, '}');
}

static void put_other(struct tf_buf *out, const struct ops_conflict *x)
{
    tf_put_open(out, "other", '{');
    tf_put_text(out, "is", other_words[x->other]);
    tf_put_text(out, "owner", x->owner);
    tf_put_text(out, "id", x->id);
    tf_put_int(out, "version", x->version);
    tf_put_text(out, "name", x->name[0] ? x->name : NULL);
    tf_put_text(out, "party", x->party[0] ? x->party : NULL);
    tf_put_text(out, "kind", tf_kind_word(x->kind));
    tf_put_text(out, "state", ops_state_word(x->state));
    tf_put_int(out, "priority", x->priority);
    if (x->kind == TF_KIND_ZONE)
        tf_put_text(out, "restriction", tf_restriction_word(x->restriction));
    tf_put_text(out, "category", x->category[0] ? x->category : NULL);
    tf_put_flag(out, "sensitive", x->is_sensitive);
    tf_put_flag(out, "old", x->is_old);
    if (x->age_s >= 0)
        tf_put_int(out, "age_s", x->age_s);
    else
        tf_put_text(out, "age_s", NULL);
    tf_buf_char(out, '}');
}

static void put_decided(struct tf_buf *out, unsigned decided)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {{TF_DECIDED_HORIZONTAL, "horizontal"},
                 {TF_DECIDED_VERTICAL, "vertical"},
                 {TF_DECIDED_TIME, "time"}};
    unsigned all = TF_DECIDED_HORIZONTAL | TF_DECIDED_VERTICAL | TF_DECIDED_TIME;
    tf_put_open(out, "decided_by", '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (decided & words[i].flag)
            tf_put_text(out, NULL, words[i].word);
    if (!(decided & all))
        tf_put_text(out, NULL, "overlap");
    tf_buf_char(out, ']');
    tf_put_flag(out, "altitude_uncertain", decided & TF_DECIDED_ALTITUDE_UNCERTAIN);
    tf_put_flag(out, "outline_uncertain", decided & TF_DECIDED_OUTLINE_UNCERTAIN);
}

static void put_margins(struct tf_buf *out, const struct ops_conflict *x)
{
    tf_put_time_ns(out, "from", x->span.first_ns);
    tf_put_time_ns(out, "until", x->span.last_ns);
    tf_put_time_ns(out, "at", x->pair.time_ns);
    put_place(out, "place", x->pair.place_a);
    put_place(out, "other_place", x->pair.place_b);
    tf_put_double(out, "distance_m", x->span.distance_m);
    tf_put_double(out, "vertical_gap_m", x->span.vertical_gap_m);
    tf_put_open(out, "separation", '{');
    tf_put_double(out, "horizontal_m", x->pair.minima.horizontal_m);
    tf_put_double(out, "vertical_m", x->pair.minima.vertical_m);
    tf_put_double(out, "time_s", (double)x->pair.minima.time_ns / 1e9);
    tf_buf_char(out, '}');
    put_decided(out, x->span.decided);
    tf_put_int(out, "pairs", (int64_t)x->span.pair_count);
}

void ops_print_conflict(struct tf_buf *out, const struct ops_conflict *x)
{
    tf_put_open(out, NULL, '{');
    tf_put_text(out, "key", x->key);
    tf_put_text(out, "outcome", ops_outcome_word(x->outcome));
    tf_put_text(out, "role", x->role[0] ? x->role : NULL);
    tf_put_int(out, "rule", x->rule);
    if (x->is_allowed) {
        tf_put_open(out, "allowed", '{');
        tf_put_text(out, "by", x->allowed_by);
        tf_put_text(out, "role", x->allowed_role);
        tf_buf_char(out, '}');
    } else {
        tf_put_text(out, "allowed", NULL);
    }
    put_other(out, x);
    put_margins(out, x);
    tf_buf_char(out, '}');
}

/* --- options ------------------------------------------------------------------------------------
 */

static const struct {
    enum tf_option_move move;
    const char *word;
} moves[] = {{TF_OPTION_TIME, "time"}, {TF_OPTION_LEVEL, "level"}, {TF_OPTION_LATERAL, "lateral"}};
enum { MOVE_COUNT = sizeof moves / sizeof *moves };

enum tf_status ops_print_option(struct tf_buf *out, const struct tf_entity *entity,
                                const struct tf_option *option)
{
    struct tf_entity changed = *entity; /* a view: owns nothing */
    changed.volumes = option->volumes;
    changed.volume_count = option->volume_count;
    changed.waypoints = option->waypoints;
    changed.waypoint_count = option->waypoint_count;
    return ops_put_feature(out, &changed);
}

static int64_t start_of(const struct tf_option *option)
{
    int64_t start = TF_TIME_MAX;
    for (size_t i = 0; i < option->volume_count; i++)
        start = option->volumes[i].start_ns < start ? option->volumes[i].start_ns : start;
    return start;
}

static void put_option(struct tf_buf *out, const struct tf_entity *entity,
                       const struct tf_option *option, size_t rank)
{
    tf_put_open(out, NULL, '{');
    tf_put_int(out, "rank", (int64_t)rank);
    tf_put_open(out, "moves", '[');
    for (size_t i = 0; i < MOVE_COUNT; i++)
        if (option->moves & moves[i].move)
            tf_put_text(out, NULL, moves[i].word);
    tf_buf_char(out, ']');
    tf_put_double(out, "shift_s", (double)option->shift_ns / 1e9);
    tf_put_time_ns(out, "start", start_of(option));
    tf_put_double(out, "level_m", option->level_m);
    tf_put_double(out, "offset_m", option->offset_m);
    tf_put_double(out, "offset_azimuth_deg", option->offset_azimuth_deg);
    tf_put_double(out, "extra_distance_m", option->extra_distance_m);
    tf_put_double(out, "cost", option->cost);
    tf_put_name(out, "feature");
    (void)!ops_print_option(out, entity, option); /* its failure stays in the buffer */
    tf_buf_char(out, '}');
}

static void put_options(struct tf_buf *out, const struct ops_verdict *verdict,
                        const struct tf_entity *entity)
{
    static const char *const blocks[] = {NULL, "time", "level", "offset", "distance", "fixed"};
    const struct tf_options *found = &verdict->options;
    const enum tf_blocked_by by[] = {found->blocked_time, found->blocked_level,
                                     found->blocked_lateral};
    if (!verdict->has_options) {
        tf_put_text(out, "options", NULL);
        tf_put_text(out, "blocked", NULL);
        return;
    }
    tf_put_open(out, "options", '[');
    for (size_t i = 0; i < found->count; i++)
        put_option(out, entity, &found->options[i], i + 1);
    tf_buf_char(out, ']');
    tf_put_open(out, "blocked", '{');
    for (size_t i = 0; i < MOVE_COUNT; i++)
        tf_put_text(out, moves[i].word, blocks[by[i]]);
    tf_buf_char(out, '}');
}

void ops_print_verdict(struct tf_buf *out, const struct ops_verdict *verdict,
                       const struct tf_entity *entity)
{
    tf_put_open(out, NULL, '{');
    tf_put_time_us(out, "checked", verdict->checked_us);
    tf_put_text(out, "outcome", ops_outcome_word(verdict->outcome));
    tf_put_open(out, "against", '{');
    tf_put_int(out, "operations", (int64_t)verdict->operations);
    tf_put_int(out, "declarations", (int64_t)verdict->declarations);
    tf_put_int(out, "sites", (int64_t)verdict->sites);
    tf_put_int(out, "zones", (int64_t)verdict->zones);
    tf_put_int(out, "foreign", (int64_t)verdict->foreign);
    tf_buf_char(out, '}');
    tf_put_open(out, "conflicts", '[');
    for (size_t i = 0; i < verdict->count; i++)
        ops_print_conflict(out, &verdict->conflicts[i]);
    tf_buf_char(out, ']');
    tf_put_int(out, "more", (int64_t)verdict->more);
    put_options(out, verdict, entity);
    tf_buf_char(out, '}');
}
