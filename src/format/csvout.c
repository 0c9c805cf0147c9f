/*
 * csvout.c - lists of sites: writing.
 *
 * One row is one volume. Only circles can be said exactly; others become the circle
 * around them, which is noted.
 */
#include "format/csv.h"

#include <math.h>
#include <string.h>

static void put_text(struct tf_buf *out, const char *text)
{
    if (!text)
        return;
    size_t len = strlen(text);
    bool quote = strpbrk(text, ",\"\r\n") || (len > 0 && (text[0] == ' ' || text[len - 1] == ' '));
    if (!quote) {
        tf_buf_text(out, text);
        return;
    }
    tf_buf_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            tf_buf_char(out, '"');
        tf_buf_char(out, *text);
    }
    tf_buf_char(out, '"');
}

static void put_time(struct tf_buf *out, int64_t t_ns)
{
    char text[TF_TIME_TEXT_SIZE];
    tf_time_format(t_ns, text);
    tf_buf_text(out, text);
}

static void put_limit(struct tf_buf *out, struct tf_alt alt)
{
    tf_alt_to_text(alt, out);
}

static void put_row(struct tf_buf *out, const struct tf_entity *e, size_t index)
{
    const struct tf_volume4 *v = &e->volumes[index];
    bool circle = tf_shape_kind(v->shape) == TF_SHAPE_CIRCLE;
    struct tf_latlng at =
        circle ? tf_shape_ring(v->shape, 0).vertices[0] : tf_shape_centre(v->shape);
    const char *texts[] = {e->id, e->name, e->category, e->party};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        put_text(out, texts[i]);
        tf_buf_char(out, ',');
    }
    tf_buf_double(out, at.lat_deg);
    tf_buf_char(out, ',');
    tf_buf_double(out, at.lng_deg);
    tf_buf_char(out, ',');
    tf_buf_double(out, circle ? tf_shape_radius_m(v->shape)
                              : ceil(tf_shape_extent_m(v->shape) * 10) / 10);
    tf_buf_char(out, ',');
    put_limit(out, v->alt.lower);
    tf_buf_char(out, ',');
    put_limit(out, v->alt.upper);
    tf_buf_char(out, ',');
    put_time(out, v->start_ns);
    tf_buf_char(out, ',');
    put_time(out, v->end_ns);
    tf_buf_printf(out, ",%s,%s,%s,%d,", tf_kind_word(e->kind), tf_state_word(e->state),
                  e->kind == TF_KIND_ZONE ? tf_restriction_word(e->restriction) : "", e->priority);
    put_text(out, e->note);
    tf_buf_printf(out, ",%zu\n", index + 1);
}

enum tf_status tf_csv_write(const struct tf_picture *picture, struct tf_buf *out,
                            struct tf_notes *notes)
{
    enum tf_status rc = TF_OK;
    size_t columns = 0;
    for (int c = 0; c < TF_CSV_COLUMN_COUNT; c++)
        if (c != TF_CSV_COORD)
            tf_buf_printf(out, "%s%s", columns++ ? "," : "", tf_csv_words[c]);
    tf_buf_char(out, '\n');
    for (size_t i = 0; !rc && i < picture->count; i++) {
        const struct tf_entity *e = &picture->entities[i];
        bool round = true;
        for (size_t v = 0; v < e->volume_count; v++) {
            round &= tf_shape_kind(e->volumes[v].shape) == TF_SHAPE_CIRCLE;
            put_row(out, e, v);
        }
        if (!round)
            rc = tf_write_warn(notes, i,
                               TF_TEXT("A list of sites knows circles only. %1 became the circle "
                                       "around it."),
                               e->id, NULL);
    }
    return rc ? rc : tf_buf_status(out);
}
