/*
 * print_json.c - conflicts as JSON for programs: docs/check.schema.json.
 */
#include "cli/print.h"

#include <math.h>

static const char *const severity_words[] = {"info", "warning", "error"};

/* Separates members and elements: a comma unless something has just been opened. */
static void separate(struct tf_buf *out)
{
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[')
        tf_buf_char(out, ',');
}

void json_key(struct tf_buf *out, const char *key)
{
    separate(out);
    tf_buf_printf(out, "\"%s\":", key);
}

void json_text(struct tf_buf *out, const char *key, const char *text)
{
    json_key(out, key);
    if (text)
        tf_buf_json(out, text);
    else
        tf_buf_text(out, "null");
}

void json_time(struct tf_buf *out, const char *key, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    bool open = t_ns == TF_TIME_MIN || t_ns == TF_TIME_MAX;
    tf_time_format(t_ns, text);
    json_text(out, key, open ? NULL : text);
}

void json_number(struct tf_buf *out, const char *key, double value)
{
    json_key(out, key);
    tf_buf_double(out, value);
}

static void json_count(struct tf_buf *out, const char *key, size_t n)
{
    json_key(out, key);
    tf_buf_printf(out, "%zu", n);
}

static void json_bool(struct tf_buf *out, const char *key, bool value)
{
    json_key(out, key);
    tf_buf_text(out, value ? "true" : "false");
}

void json_entity(struct tf_buf *out, const char *key, const struct tf_entity *entity)
{
    json_key(out, key);
    tf_buf_char(out, '{');
    json_text(out, "id", entity->id);
    json_text(out, "name", entity->name);
    json_text(out, "party", entity->party);
    json_text(out, "kind", tf_kind_word(entity->kind));
    json_text(out, "state", tf_state_word(entity->state));
    json_key(out, "priority");
    tf_buf_printf(out, "%d", entity->priority);
    json_text(out, "source", entity->source);
    tf_buf_char(out, '}');
}

void json_decided(struct tf_buf *out, unsigned decided)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {{TF_DECIDED_HORIZONTAL, "horizontal"},
                 {TF_DECIDED_VERTICAL, "vertical"},
                 {TF_DECIDED_TIME, "time"}};
    json_key(out, "decided_by");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (decided & words[i].flag) {
            separate(out);
            tf_buf_json(out, words[i].word);
        }
    }
    if (out->len && out->data[out->len - 1] == '[')
        tf_buf_text(out, "\"overlap\"");
    tf_buf_char(out, ']');
    json_bool(out, "altitude_uncertain", decided & TF_DECIDED_ALTITUDE_UNCERTAIN);
    json_bool(out, "outline_uncertain", decided & TF_DECIDED_OUTLINE_UNCERTAIN);
}

static void json_place(struct tf_buf *out, const char *key, struct tf_latlng place)
{
    json_key(out, key);
    tf_buf_char(out, '{');
    json_number(out, "lat", place.lat_deg);
    json_number(out, "lng", place.lng_deg);
    tf_buf_char(out, '}');
}

static void json_pair(struct tf_buf *out, const struct tf_conflict_pair *pair)
{
    separate(out);
    tf_buf_char(out, '{');
    json_count(out, "volume_a", pair->volume_a);
    json_count(out, "volume_b", pair->volume_b);
    json_time(out, "from", pair->first_ns);
    json_time(out, "until", pair->last_ns);
    json_time(out, "closest_at", pair->time_ns);
    json_place(out, "place_a", pair->place_a);
    json_place(out, "place_b", pair->place_b);
    json_number(out, "distance_m", pair->distance_m);
    json_number(out, "vertical_gap_m", pair->vertical_gap_m);
    json_key(out, "separation");
    tf_buf_char(out, '{');
    json_number(out, "horizontal_m", pair->minima.horizontal_m);
    json_number(out, "vertical_m", pair->minima.vertical_m);
    json_number(out, "time_s", (double)pair->minima.time_ns / 1e9);
    tf_buf_char(out, '}');
    json_decided(out, pair->decided);
    tf_buf_char(out, '}');
}

void json_conflict_members(struct tf_buf *out, const struct tf_picture *picture,
                           const struct tf_conflict *conflict)
{
    json_entity(out, "a", &picture->entities[conflict->a]);
    json_entity(out, "b", &picture->entities[conflict->b]);
    json_time(out, "from", conflict->first_ns);
    json_time(out, "until", conflict->last_ns);
    json_number(out, "distance_m", conflict->distance_m);
    json_number(out, "vertical_gap_m", conflict->vertical_gap_m);
    json_decided(out, conflict->decided);
}

static void json_conflict(struct tf_buf *out, const struct result *result,
                          const struct tf_conflict *conflict)
{
    separate(out);
    tf_buf_char(out, '{');
    json_conflict_members(out, result->search->picture, conflict);
    json_key(out, "pairs");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < conflict->pair_count; i++)
        json_pair(out, &result->conflicts->pairs[conflict->first_pair + i]);
    tf_buf_text(out, "]}");
}

static void json_note(struct tf_buf *out, const struct tf_note *note)
{
    const char *english =
        note->fault.message ? note->fault.message : tf_status_text(note->fault.code);
    char message[1024];
    tf_fault_text(&note->fault, english, message, sizeof message);
    separate(out);
    tf_buf_char(out, '{');
    json_text(out, "severity", severity_words[note->severity]);
    json_text(out, "file", note->file);
    if (note->line > 0)
        json_count(out, "line", note->line);
    if (note->fault.at != TF_NO_INDEX)
        json_count(out, "feature", note->fault.at + 1);
    if (note->fault.field[0])
        json_text(out, "field", note->fault.field);
    json_text(out, "message", message);
    tf_buf_char(out, '}');
}

static void json_summary(struct tf_buf *out, const struct result *result)
{
    json_key(out, "summary");
    tf_buf_char(out, '{');
    json_count(out, "files", result->input->files);
    json_count(out, "entities", result->search->picture->count);
    json_count(out, "volumes_checked", tf_index_view_count(result->search->view));
    json_count(out, "conflicts", result->conflicts->count);
    json_count(out, "errors", result->input->errors);
    json_count(out, "warnings", result->input->warnings);
    tf_buf_char(out, '}');
}

void print_conflicts_json(const struct result *result, struct tf_buf *out)
{
    tf_buf_char(out, '{');
    json_text(out, "schema", "tafadi-check-1");
    json_summary(out, result);
    json_key(out, "conflicts");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->conflicts->count; i++)
        json_conflict(out, result, &result->conflicts->conflicts[i]);
    tf_buf_char(out, ']');
    json_key(out, "options");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->option_count; i++) {
        separate(out);
        print_options_json(&result->search->picture->entities[result->options[i].entity],
                           &result->options[i].found, out);
    }
    tf_buf_char(out, ']');
    json_key(out, "notes");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->input->notes.count; i++)
        json_note(out, &result->input->notes.items[i]);
    tf_buf_text(out, "]}\n");
}
