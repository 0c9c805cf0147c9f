/*
 * print_json.c - conflicts as JSON for programs: docs/check.schema.json.
 */
#include "cli/print.h"

#include "base/put.h"

static const char *const severity_words[] = {"info", "warning", "error"};

void json_entity(struct tf_buf *out, const char *key, const struct tf_entity *entity)
{
    tf_put_name(out, key);
    tf_buf_char(out, '{');
    tf_put_text(out, "id", entity->id);
    tf_put_text(out, "name", entity->name);
    tf_put_text(out, "party", entity->party);
    tf_put_text(out, "kind", tf_kind_word(entity->kind));
    tf_put_text(out, "state", tf_state_word(entity->state));
    tf_put_name(out, "priority");
    tf_buf_printf(out, "%d", entity->priority);
    tf_put_text(out, "source", entity->source);
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
    tf_put_name(out, "decided_by");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (decided & words[i].flag) {
            tf_put_name(out, NULL);
            tf_buf_json(out, words[i].word);
        }
    }
    if (out->len && out->data[out->len - 1] == '[')
        tf_buf_text(out, "\"overlap\"");
    tf_buf_char(out, ']');
    tf_put_flag(out, "altitude_uncertain", decided & TF_DECIDED_ALTITUDE_UNCERTAIN);
    tf_put_flag(out, "outline_uncertain", decided & TF_DECIDED_OUTLINE_UNCERTAIN);
}

static void json_place(struct tf_buf *out, const char *key, struct tf_latlng place)
{
    tf_put_name(out, key);
    tf_buf_char(out, '{');
    tf_put_double(out, "lat", place.lat_deg);
    tf_put_double(out, "lng", place.lng_deg);
    tf_buf_char(out, '}');
}

static void json_pair(struct tf_buf *out, const struct tf_conflict_pair *pair)
{
    tf_put_name(out, NULL);
    tf_buf_char(out, '{');
    tf_put_int(out, "volume_a", (int64_t)(pair->volume_a));
    tf_put_int(out, "volume_b", (int64_t)(pair->volume_b));
    tf_put_time_ns(out, "from", pair->first_ns);
    tf_put_time_ns(out, "until", pair->last_ns);
    tf_put_time_ns(out, "closest_at", pair->time_ns);
    json_place(out, "place_a", pair->place_a);
    json_place(out, "place_b", pair->place_b);
    tf_put_double(out, "distance_m", pair->distance_m);
    tf_put_double(out, "vertical_gap_m", pair->vertical_gap_m);
    tf_put_name(out, "separation");
    tf_buf_char(out, '{');
    tf_put_double(out, "horizontal_m", pair->minima.horizontal_m);
    tf_put_double(out, "vertical_m", pair->minima.vertical_m);
    tf_put_double(out, "time_s", (double)pair->minima.time_ns / 1e9);
    tf_buf_char(out, '}');
    json_decided(out, pair->decided);
    tf_buf_char(out, '}');
}

void json_conflict_members(struct tf_buf *out, const struct tf_picture *picture,
                           const struct tf_conflict *conflict)
{
    json_entity(out, "a", &picture->entities[conflict->a]);
    json_entity(out, "b", &picture->entities[conflict->b]);
    tf_put_time_ns(out, "from", conflict->first_ns);
    tf_put_time_ns(out, "until", conflict->last_ns);
    tf_put_double(out, "distance_m", conflict->distance_m);
    tf_put_double(out, "vertical_gap_m", conflict->vertical_gap_m);
    json_decided(out, conflict->decided);
}

static void json_conflict(struct tf_buf *out, const struct result *result,
                          const struct tf_conflict *conflict)
{
    tf_put_name(out, NULL);
    tf_buf_char(out, '{');
    json_conflict_members(out, result->search->picture, conflict);
    tf_put_name(out, "pairs");
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
    tf_put_name(out, NULL);
    tf_buf_char(out, '{');
    tf_put_text(out, "severity", severity_words[note->severity]);
    tf_put_text(out, "file", note->file);
    if (note->line > 0)
        tf_put_int(out, "line", (int64_t)(note->line));
    if (note->fault.at != TF_NO_INDEX)
        tf_put_int(out, "feature", (int64_t)(note->fault.at + 1));
    if (note->fault.field[0])
        tf_put_text(out, "field", note->fault.field);
    tf_put_text(out, "message", message);
    tf_buf_char(out, '}');
}

static void json_summary(struct tf_buf *out, const struct result *result)
{
    tf_put_name(out, "summary");
    tf_buf_char(out, '{');
    tf_put_int(out, "files", (int64_t)(result->input->files));
    tf_put_int(out, "entities", (int64_t)(result->search->picture->count));
    tf_put_int(out, "volumes_checked", (int64_t)(tf_index_view_count(result->search->view)));
    tf_put_int(out, "conflicts", (int64_t)(result->conflicts->count));
    tf_put_int(out, "errors", (int64_t)(result->input->errors));
    tf_put_int(out, "warnings", (int64_t)(result->input->warnings));
    tf_buf_char(out, '}');
}

void print_conflicts_json(const struct result *result, struct tf_buf *out)
{
    tf_buf_char(out, '{');
    tf_put_text(out, "schema", "tafadi-check-1");
    json_summary(out, result);
    tf_put_name(out, "conflicts");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->conflicts->count; i++)
        json_conflict(out, result, &result->conflicts->conflicts[i]);
    tf_buf_char(out, ']');
    tf_put_name(out, "options");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->option_count; i++) {
        tf_put_name(out, NULL);
        print_options_json(&result->search->picture->entities[result->options[i].entity],
                           &result->options[i].found, out);
    }
    tf_buf_char(out, ']');
    tf_put_name(out, "notes");
    tf_buf_char(out, '[');
    for (size_t i = 0; i < result->input->notes.count; i++)
        json_note(out, &result->input->notes.items[i]);
    tf_buf_text(out, "]}\n");
}
