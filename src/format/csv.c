/*
 * csv.c - lists of sites: reading.
 *
 * One row is one place with a radius. Columns are found by their header in several
 * languages, or guessed from the first row. A row that cannot be read is refused by
 * its number; with keep_going the others are taken.
 */
#include "format/csv.h"

#include "format/coords.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A coarser grid reference than this grows the site and is warned about. */
#define COARSE_M 50.0
/* Kilometres, or thousands of metres, in the wrong column: no protective radius is smaller. */
#define SMALL_M 10.0

struct row {
    struct tf_reader *reader;
    const struct tf_csv *csv;
    const struct tf_csv_map *map;
    struct tf_entity entity;
    struct tf_latlng at;
    double uncertainty_m;
    double lat_step_deg, lng_step_deg; /* tf_reader_written */
};

static struct tf_span cell(const struct row *r, enum tf_csv_column column)
{
    return tf_csv_field(r->csv, r->map->column[column]);
}

static bool is_empty(struct tf_span s)
{
    return tf_span_len(s) == 0;
}

static enum tf_status cell_fault(const struct row *r, enum tf_csv_column column,
                                 enum tf_status code, const char *message, struct tf_fault *fault)
{
    return tf_fault_span(fault, code, tf_csv_words[column], message, cell(r, column));
}

static void warn(const struct row *r, enum tf_csv_column column, const char *message)
{
    struct tf_fault fault;
    cell_fault(r, column, TF_RANGE, message, &fault);
    tf_reader_warn(r->reader, &fault);
}

/* --- place ------------------------------------------------------------------------- */

static enum tf_status named(enum tf_status rc, enum tf_csv_column column, struct tf_fault *fault)
{
    if (rc && fault)
        snprintf(fault->field, sizeof fault->field, "%s", tf_csv_words[column]);
    return rc;
}

static enum tf_status one_cell_place(struct row *r, struct tf_fault *fault)
{
    struct tf_span s = cell(r, TF_CSV_COORD);
    struct tf_coord c;
    enum tf_status rc = named(tf_coord_parse(s.at, tf_span_len(s), &c, fault), TF_CSV_COORD, fault);
    if (rc)
        return rc;
    r->at = c.at;
    r->lat_step_deg = c.lat_step_deg;
    r->lng_step_deg = c.lng_step_deg;
    if (c.uncertainty_m > COARSE_M) {
        r->uncertainty_m = c.uncertainty_m;
        warn(r, TF_CSV_COORD,
             TF_TEXT("The grid reference \"%1\" is coarse. The site was made larger by half a "
                     "diagonal of its square. Give more digits."));
    }
    if (c.ambiguous)
        warn(r, TF_CSV_COORD,
             TF_TEXT("The letter S in \"%1\" was read as the band 32 to 40 degrees north, not as "
                     "the southern hemisphere."));
    return TF_OK;
}

/* Latitude and longitude fail, but would do the other way round? */
static bool looks_swapped(struct tf_span lat, struct tf_span lng)
{
    double deg;
    return !tf_coord_angle(lng.at, tf_span_len(lng), TF_AXIS_LAT, &deg, NULL) &&
           !tf_coord_angle(lat.at, tf_span_len(lat), TF_AXIS_LNG, &deg, NULL);
}

static enum tf_status two_cell_place(struct row *r, struct tf_fault *fault)
{
    struct tf_span lat = cell(r, TF_CSV_LAT), lng = cell(r, TF_CSV_LNG);
    if (is_empty(lat) || is_empty(lng))
        return cell_fault(r, is_empty(lat) ? TF_CSV_LAT : TF_CSV_LNG, TF_MISSING,
                          TF_TEXT("The row has no coordinates. Fill them in."), fault);
    enum tf_status rc =
        named(tf_coord_angle(lat.at, tf_span_len(lat), TF_AXIS_LAT, &r->at.lat_deg, fault),
              TF_CSV_LAT, fault);
    if (!rc)
        rc = named(tf_coord_angle(lng.at, tf_span_len(lng), TF_AXIS_LNG, &r->at.lng_deg, fault),
                   TF_CSV_LNG, fault);
    if (rc && looks_swapped(lat, lng))
        cell_fault(r, TF_CSV_LAT, rc,
                   TF_TEXT("\"%1\" is no latitude. Latitude and longitude seem to be swapped."),
                   fault);
    r->lat_step_deg = tf_coord_step_deg(lat.at, tf_span_len(lat), TF_AXIS_LAT);
    r->lng_step_deg = tf_coord_step_deg(lng.at, tf_span_len(lng), TF_AXIS_LNG);
    return rc;
}

static enum tf_status read_place(struct row *r, struct tf_fault *fault)
{
    bool one = !is_empty(cell(r, TF_CSV_COORD)) ||
               (r->map->column[TF_CSV_LAT] < 0 || r->map->column[TF_CSV_LNG] < 0);
    enum tf_status rc = one ? one_cell_place(r, fault) : two_cell_place(r, fault);
    if (!rc && r->at.lat_deg == 0 && r->at.lng_deg == 0)
        warn(r, one ? TF_CSV_COORD : TF_CSV_LAT,
             TF_TEXT("The place is 0 north, 0 east, in the Gulf of Guinea. Was it left empty?"));
    return rc;
}

/* --- size, height, time ------------------------------------------------------------- */

/* "500", "500 m", "1.5 km"; in the script of the file. */
static enum tf_status read_radius(struct row *r, double *radius_m, struct tf_fault *fault)
{
    static const struct {
        const char *word;
        double m;
    } units[] = {{"m", 1},          {"km", 1000}, {"nm", TF_NAUTICAL_MILE_M},
                 {"ft", TF_FOOT_M}, {"м", 1},     {"км", 1000},
                 {"م", 1},          {"كم", 1000}};
    struct tf_span s = cell(r, TF_CSV_RADIUS);
    char ascii[48];
    if (is_empty(s)) {
        *radius_m = tf_reader_site_radius_m(r->reader);
        tf_reader_assume(r->reader, TF_ASSUMED_RADIUS);
        return TF_OK;
    }
    const char *digits_end = s.at;
    while (digits_end < s.end &&
           ((unsigned char)*digits_end < 0x40 || *digits_end == ' ' ||
            (unsigned char)*digits_end == 0xD9 ||
            (digits_end > s.at && (unsigned char)digits_end[-1] == 0xD9 &&
             (unsigned char)*digits_end >= 0xA0 && (unsigned char)*digits_end <= 0xAB)))
        digits_end++;
    if (digits_end > s.at && (unsigned char)digits_end[-1] == 0xD9)
        digits_end--; /* the first byte of an Arabic letter, not of a digit */
    struct tf_span unit = tf_span_trim((struct tf_span){digits_end, s.end});
    double value, unit_m = is_empty(unit) ? r->map->radius_unit_m : 0;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (tf_span_is(unit, units[i].word))
            unit_m = units[i].m;
    size_t n = tf_coord_ascii(s.at, (size_t)(digits_end - s.at), ascii, sizeof ascii);
    bool ok = n != TF_NO_INDEX && tf_span_number((struct tf_span){ascii, ascii + n}, &value);
    if (!ok || unit_m == 0 || value < 0 || value * unit_m > TF_SHAPE_MAX_RADIUS_M)
        return cell_fault(r, TF_CSV_RADIUS, TF_RANGE,
                          TF_TEXT("\"%1\" is not a radius. Write metres from 0 to 5,000,000, or a "
                                  "number with m or km."),
                          fault);
    *radius_m = value * unit_m;
    if (*radius_m > 0 && *radius_m < SMALL_M)
        warn(r, TF_CSV_RADIUS,
             TF_TEXT("The radius \"%1\" is less than 10 m. Is it in metres, and is the point a "
                     "decimal point?"));
    return TF_OK;
}

static enum tf_status read_limit(struct row *r, enum tf_csv_column column, bool *said,
                                 struct tf_alt *out, struct tf_fault *fault)
{
    bool is_lower = column == TF_CSV_LOWER;
    struct tf_span s = cell(r, column);
    char ascii[64];
    *out = tf_alt_unlimited(is_lower);
    if (is_empty(s))
        return TF_OK;
    *said = true;
    size_t n = tf_coord_ascii(s.at, tf_span_len(s), ascii, sizeof ascii);
    if (n != TF_NO_INDEX &&
        !tf_alt_from_text((struct tf_span){ascii, ascii + n}, is_lower, r->map->altitude_unit, out))
        return TF_OK;
    return cell_fault(
        r, column, TF_ALTITUDE,
        TF_TEXT("\"%1\" is not an altitude. Write it like 120m AGL, 3000ft AMSL, FL95, "
                "GND or UNL."),
        fault);
}

/* "24.11.2026" and "24/11/2026" where day and month cannot be mistaken, as "2026-11-24". */
static void reorder_date(char *text, size_t *len)
{
    int day, month, year, used = 0;
    char mark[2][2];
    if (sscanf(text, "%2d%1[./]%2d%1[./]%4d%n", &day, mark[0], &month, mark[1], &year, &used) < 5 ||
        used < 8 || year < 1000 || mark[0][0] != mark[1][0])
        return;
    bool slash = mark[0][0] == '/';
    if (slash && day <= 12 && month <= 12 && day != month)
        return;
    if (slash && month > 12) {
        int swap = day;
        day = month;
        month = swap;
    }
    char rest[40];
    snprintf(rest, sizeof rest, "%s", text + used);
    *len = (size_t)snprintf(text, 64, "%04d-%02d-%02d%s", year, month, day, rest);
}

static enum tf_status read_time(struct row *r, enum tf_csv_column column, bool *said,
                                int64_t *out_ns, struct tf_fault *fault)
{
    struct tf_span s = cell(r, column);
    char ascii[64];
    int64_t t_ns, end_ns;
    if (is_empty(s) || tf_span_is(s, "-") || tf_span_is(s, "open") || tf_span_is(s, "UFN")) {
        *said |= !is_empty(s);
        return TF_OK;
    }
    *said = true;
    size_t n = tf_coord_ascii(s.at, tf_span_len(s), ascii, sizeof ascii);
    if (n != TF_NO_INDEX) {
        reorder_date(ascii, &n);
        if (!tf_time_from_text((struct tf_span){ascii, ascii + n}, &t_ns, &end_ns)) {
            *out_ns = column == TF_CSV_TO ? end_ns : t_ns;
            return TF_OK;
        }
    }
    return cell_fault(r, column, TF_TIME,
                      TF_TEXT("\"%1\" is not a time that has one meaning only. Write it like "
                              "2026-11-24 or 2026-11-24T08:00:00Z."),
                      fault);
}

static enum tf_status read_volume(struct row *r, struct tf_entity *into, struct tf_fault *fault)
{
    double radius_m = 0;
    struct tf_alt lower, upper;
    bool heights = false, times = false;
    int64_t start_ns = TF_TIME_MIN, end_ns = TF_TIME_MAX;
    struct tf_shape *shape;
    enum tf_status rc = read_place(r, fault);
    if (!rc)
        rc = read_radius(r, &radius_m, fault);
    if (!rc)
        rc = read_limit(r, TF_CSV_LOWER, &heights, &lower, fault);
    if (!rc)
        rc = read_limit(r, TF_CSV_UPPER, &heights, &upper, fault);
    if (!rc)
        rc = read_time(r, TF_CSV_FROM, &times, &start_ns, fault);
    if (!rc)
        rc = read_time(r, TF_CSV_TO, &times, &end_ns, fault);
    if (!rc)
        rc = tf_shape_circle(r->at, radius_m + r->uncertainty_m, &shape, fault);
    if (rc)
        return rc;
    if (into->kind == TF_KIND_SITE)
        tf_reader_written(r->reader, r->at, radius_m, r->lat_step_deg, r->lng_step_deg);
    if (!heights)
        tf_reader_assume(r->reader, TF_ASSUMED_ALTITUDES);
    if (!times)
        tf_reader_times(r->reader, &start_ns, &end_ns);
    return tf_reader_volume(r->reader, into, shape, lower, upper, start_ns, end_ns, fault);
}

/* --- words -------------------------------------------------------------------------- */

static enum tf_status read_texts(struct row *r, struct tf_fault *fault)
{
    const struct {
        char **field;
        enum tf_csv_column column;
    } texts[] = {{&r->entity.id, TF_CSV_ID},
                 {&r->entity.name, TF_CSV_NAME},
                 {&r->entity.category, TF_CSV_CATEGORY},
                 {&r->entity.party, TF_CSV_PARTY},
                 {&r->entity.note, TF_CSV_NOTE}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (tf_span_set(texts[i].field, cell(r, texts[i].column)))
            return tf_fault_set(fault, TF_NOMEM, TF_NO_INDEX, "", NULL, NULL, NULL, NULL);
    return TF_OK;
}

static void word_of(const struct row *r, enum tf_csv_column column, char out[24])
{
    tf_span_copy(cell(r, column), out, 24);
}

/* Kind, state, restriction, priority, where the file has such columns. */
static void read_words(struct row *r)
{
    struct tf_entity *e = &r->entity;
    char word[24];
    double priority;
    tf_reader_class(r->reader, e);
    if (e->kind == TF_KIND_OTHER) {
        e->kind = TF_KIND_SITE;
        e->state = TF_STATE_ACTIVATED;
    }
    word_of(r, TF_CSV_KIND, word);
    if (*word && tf_kind_from_word(word, &e->kind))
        warn(r, TF_CSV_KIND, TF_TEXT("\"%1\" is not a kind that is known here. It was ignored."));
    bool fixed = e->kind == TF_KIND_SITE || e->kind == TF_KIND_ZONE;
    if (*word)
        e->state = fixed ? TF_STATE_ACTIVATED : TF_STATE_ACCEPTED;
    if (*word && e->kind == TF_KIND_ZONE)
        e->restriction = TF_RESTRICTION_RESTRICTED;
    word_of(r, TF_CSV_STATE, word);
    if (*word && tf_state_from_word(word, &e->state))
        warn(r, TF_CSV_STATE, TF_TEXT("\"%1\" is not a state that is known here. It was ignored."));
    word_of(r, TF_CSV_RESTRICTION, word);
    if (*word && tf_restriction_from_word(word, &e->restriction))
        warn(r, TF_CSV_RESTRICTION,
             TF_TEXT("\"%1\" is not a restriction that is known here. It was ignored."));
    if (tf_span_number(cell(r, TF_CSV_PRIORITY), &priority) && fabs(priority) < 1e9)
        e->priority = (int)priority;
}

/* --- rows --------------------------------------------------------------------------- */

struct csv_reader {
    struct tf_reader *reader;
    struct tf_csv csv;
    struct tf_csv_map map;
    struct tf_entity pending; /* may get more volumes from the next row */
    size_t pending_line;
};

static enum tf_status deliver(struct csv_reader *c)
{
    enum tf_status rc = TF_OK;
    size_t line = c->reader->line, feature = c->reader->feature;
    if (c->pending.volume_count > 0) {
        c->reader->line = c->pending_line;
        c->reader->feature = feature > 0 ? feature - 1 : 0;
        rc = tf_reader_add(c->reader, &c->pending);
    }
    tf_entity_release(&c->pending);
    c->reader->line = line;
    c->reader->feature = feature;
    return rc;
}

/* Rows that our writer numbers: a further volume of the entity before. */
static bool continues(const struct csv_reader *c, const struct row *r)
{
    double number;
    struct tf_span id = cell(r, TF_CSV_ID);
    return c->pending.id && tf_span_number(cell(r, TF_CSV_VOLUME), &number) && number > 1 &&
           tf_span_len(id) == strlen(c->pending.id) &&
           memcmp(id.at, c->pending.id, tf_span_len(id)) == 0;
}

static enum tf_status read_row(struct csv_reader *c)
{
    struct row r = {.reader = c->reader, .csv = &c->csv, .map = &c->map};
    struct tf_fault fault = {0};
    enum tf_status rc = TF_OK;
    bool more = continues(c, &r);
    if (!more)
        rc = deliver(c);
    if (rc)
        return rc;
    rc = more ? TF_OK : read_texts(&r, &fault);
    if (!rc && !more)
        read_words(&r);
    if (!rc)
        rc = read_volume(&r, more ? &c->pending : &r.entity, &fault);
    if (rc) {
        rc = tf_reader_reject(c->reader, &fault);
    } else if (!more) {
        c->pending = r.entity;
        c->pending_line = c->reader->line;
        r.entity = (struct tf_entity){0};
    }
    tf_entity_release(&r.entity);
    return rc;
}

static enum tf_status refuse(struct tf_reader *reader, enum tf_status code, const char *message)
{
    struct tf_fault fault;
    tf_fault_set(&fault, code, TF_NO_INDEX, "", message, NULL, NULL, NULL);
    return tf_reader_reject(reader, &fault);
}

static enum tf_status bad_record(struct csv_reader *c, enum tf_status code)
{
    return refuse(
        c->reader, code,
        code == TF_SYNTAX  ? TF_TEXT("A quotation mark is not closed. The rest of the file "
                                      "was not read.")
        : code == TF_LIMIT ? TF_TEXT("A row has more than 128 fields or 65,536 bytes. The "
                                     "rest of the file was not read.")
                           : NULL);
}

/* Columns that mean nothing here, so that a misspelt one does not go unnoticed. */
static void warn_unknown(struct csv_reader *c)
{
    for (size_t i = 0; i < c->csv.count; i++) {
        struct tf_fault fault;
        if (tf_span_len(c->csv.fields[i]) == 0 ||
            tf_csv_column_of(c->csv.fields[i]) != TF_CSV_COLUMN_COUNT)
            continue;
        tf_fault_span(&fault, TF_UNSUPPORTED, "",
                      TF_TEXT("The column \"%1\" is not known here. It was ignored."),
                      c->csv.fields[i]);
        tf_reader_warn(c->reader, &fault);
    }
}

static enum tf_status read_head(struct csv_reader *c)
{
    enum tf_status rc = tf_csv_next(&c->csv);
    c->reader->line = c->csv.line;
    if (rc == TF_NOT_FOUND)
        return refuse(c->reader, TF_MISSING, TF_TEXT("The file has no rows."));
    if (rc)
        return bad_record(c, rc);
    if (!tf_csv_map(&c->csv, &c->map)) {
        rc = refuse(c->reader, TF_MISSING,
                    TF_TEXT("No column holds coordinates. Name columns lat and lon, or "
                            "coordinates, in the first row."));
        c->csv.at = c->csv.end;
        return rc;
    }
    if (c->map.has_header) {
        warn_unknown(c);
        return TF_OK;
    }
    rc = read_row(c);
    c->reader->feature++;
    return rc;
}

static enum tf_status csv_read(struct tf_reader *reader)
{
    struct csv_reader c = {.reader = reader};
    tf_csv_open(&c.csv, reader->bytes, reader->len);
    enum tf_status rc = read_head(&c), more = TF_OK;
    while (!rc && (more = tf_csv_next(&c.csv)) == TF_OK) {
        reader->line = c.csv.line;
        rc = read_row(&c);
        reader->feature++;
    }
    if (!rc)
        rc = deliver(&c);
    if (!rc && more != TF_NOT_FOUND && more != TF_OK) {
        reader->line = c.csv.line;
        rc = bad_record(&c, more);
    }
    tf_entity_release(&c.pending);
    tf_csv_close(&c.csv);
    return rc;
}

static int csv_detect(const char *bytes, size_t len)
{
    struct tf_csv csv;
    struct tf_csv_map map;
    int score = 0;
    if (memchr(bytes, '\0', len < 4096 ? len : 4096))
        return 0;
    tf_csv_open(&csv, bytes, len);
    if (tf_csv_next(&csv) == TF_OK && tf_csv_map(&csv, &map))
        score = map.has_header ? 70 : 30;
    tf_csv_close(&csv);
    return score;
}

const struct tf_codec tf_codec_csv = {
    .format = TF_FORMAT_CSV,
    .detect = csv_detect,
    .read = csv_read,
    .write = tf_csv_write,
};
