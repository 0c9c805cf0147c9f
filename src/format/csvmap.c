/*
 * csvmap.c - records of CSV text, and the meaning of their columns in many languages.
 */
#include "format/csv.h"

#include "base/utf8.h"
#include "format/coords.h"

#include <string.h>

#define COLUMN_WORD(name, word) word,
const char *const tf_csv_words[TF_CSV_COLUMN_COUNT] = {TF_CSV_COLUMN_LIST(COLUMN_WORD)};
#undef COLUMN_WORD

/* As fold() leaves them: lower case, blanks for _ and -, plain alef. */
static const struct {
    const char *word;
    enum tf_csv_column column;
} words[] = {
    {"id", TF_CSV_ID},
    {"code", TF_CSV_ID},
    {"site id", TF_CSV_ID},
    {"pcode", TF_CSV_ID},
    {"ref", TF_CSV_ID},
    {"reference", TF_CSV_ID},
    {"number", TF_CSV_ID},
    {"no", TF_CSV_ID},
    {"رقم", TF_CSV_ID},
    {"الرقم", TF_CSV_ID},
    {"المعرف", TF_CSV_ID},
    {"الرمز", TF_CSV_ID},
    {"رمز", TF_CSV_ID},
    {"номер", TF_CSV_ID},
    {"код", TF_CSV_ID},
    {"№", TF_CSV_ID},
    {"identifiant", TF_CSV_ID},
    {"numéro", TF_CSV_ID},
    {"numero", TF_CSV_ID},
    {"name", TF_CSV_NAME},
    {"site", TF_CSV_NAME},
    {"site name", TF_CSV_NAME},
    {"facility", TF_CSV_NAME},
    {"facility name", TF_CSV_NAME},
    {"title", TF_CSV_NAME},
    {"اسم", TF_CSV_NAME},
    {"الاسم", TF_CSV_NAME},
    {"اسم الموقع", TF_CSV_NAME},
    {"الموقع", TF_CSV_NAME},
    {"название", TF_CSV_NAME},
    {"наименование", TF_CSV_NAME},
    {"имя", TF_CSV_NAME},
    {"объект", TF_CSV_NAME},
    {"nom", TF_CSV_NAME},
    {"lat", TF_CSV_LAT},
    {"latitude", TF_CSV_LAT},
    {"y", TF_CSV_LAT},
    {"gps lat", TF_CSV_LAT},
    {"lat dd", TF_CSV_LAT},
    {"خط العرض", TF_CSV_LAT},
    {"العرض", TF_CSV_LAT},
    {"دائرة العرض", TF_CSV_LAT},
    {"широта", TF_CSV_LAT},
    {"lon", TF_CSV_LNG},
    {"lng", TF_CSV_LNG},
    {"long", TF_CSV_LNG},
    {"longitude", TF_CSV_LNG},
    {"x", TF_CSV_LNG},
    {"gps lon", TF_CSV_LNG},
    {"gps long", TF_CSV_LNG},
    {"lon dd", TF_CSV_LNG},
    {"long dd", TF_CSV_LNG},
    {"خط الطول", TF_CSV_LNG},
    {"الطول", TF_CSV_LNG},
    {"долгота", TF_CSV_LNG},
    {"coordinates", TF_CSV_COORD},
    {"coordinate", TF_CSV_COORD},
    {"coord", TF_CSV_COORD},
    {"coords", TF_CSV_COORD},
    {"position", TF_CSV_COORD},
    {"latlon", TF_CSV_COORD},
    {"lat lon", TF_CSV_COORD},
    {"latlng", TF_CSV_COORD},
    {"gps", TF_CSV_COORD},
    {"mgrs", TF_CSV_COORD},
    {"grid", TF_CSV_COORD},
    {"utm", TF_CSV_COORD},
    {"الاحداثيات", TF_CSV_COORD},
    {"احداثيات", TF_CSV_COORD},
    {"координаты", TF_CSV_COORD},
    {"coordonnées", TF_CSV_COORD},
    {"coordonnees", TF_CSV_COORD},
    {"radius", TF_CSV_RADIUS},
    {"radius m", TF_CSV_RADIUS},
    {"radius km", TF_CSV_RADIUS},
    {"radius ft", TF_CSV_RADIUS},
    {"radius nm", TF_CSV_RADIUS},
    {"buffer", TF_CSV_RADIUS},
    {"buffer m", TF_CSV_RADIUS},
    {"buffer km", TF_CSV_RADIUS},
    {"نصف القطر", TF_CSV_RADIUS},
    {"радиус", TF_CSV_RADIUS},
    {"rayon", TF_CSV_RADIUS},
    {"category", TF_CSV_CATEGORY},
    {"type", TF_CSV_CATEGORY},
    {"facility type", TF_CSV_CATEGORY},
    {"sector", TF_CSV_CATEGORY},
    {"النوع", TF_CSV_CATEGORY},
    {"نوع", TF_CSV_CATEGORY},
    {"الفئة", TF_CSV_CATEGORY},
    {"категория", TF_CSV_CATEGORY},
    {"тип", TF_CSV_CATEGORY},
    {"catégorie", TF_CSV_CATEGORY},
    {"categorie", TF_CSV_CATEGORY},
    {"party", TF_CSV_PARTY},
    {"organisation", TF_CSV_PARTY},
    {"organization", TF_CSV_PARTY},
    {"org", TF_CSV_PARTY},
    {"agency", TF_CSV_PARTY},
    {"owner", TF_CSV_PARTY},
    {"الجهة", TF_CSV_PARTY},
    {"المنظمة", TF_CSV_PARTY},
    {"منظمة", TF_CSV_PARTY},
    {"организация", TF_CSV_PARTY},
    {"сторона", TF_CSV_PARTY},
    {"agence", TF_CSV_PARTY},
    {"from", TF_CSV_FROM},
    {"start", TF_CSV_FROM},
    {"valid from", TF_CSV_FROM},
    {"start date", TF_CSV_FROM},
    {"start time", TF_CSV_FROM},
    {"من", TF_CSV_FROM},
    {"من تاريخ", TF_CSV_FROM},
    {"تاريخ البدء", TF_CSV_FROM},
    {"с", TF_CSV_FROM},
    {"начало", TF_CSV_FROM},
    {"début", TF_CSV_FROM},
    {"debut", TF_CSV_FROM},
    {"to", TF_CSV_TO},
    {"until", TF_CSV_TO},
    {"end", TF_CSV_TO},
    {"valid to", TF_CSV_TO},
    {"valid until", TF_CSV_TO},
    {"end date", TF_CSV_TO},
    {"end time", TF_CSV_TO},
    {"expiry", TF_CSV_TO},
    {"الى", TF_CSV_TO},
    {"حتى", TF_CSV_TO},
    {"الى تاريخ", TF_CSV_TO},
    {"تاريخ الانتهاء", TF_CSV_TO},
    {"по", TF_CSV_TO},
    {"до", TF_CSV_TO},
    {"конец", TF_CSV_TO},
    {"окончание", TF_CSV_TO},
    {"fin", TF_CSV_TO},
    {"altitude lower", TF_CSV_LOWER},
    {"altitude lower m", TF_CSV_LOWER},
    {"altitude lower ft", TF_CSV_LOWER},
    {"lower", TF_CSV_LOWER},
    {"floor", TF_CSV_LOWER},
    {"min altitude", TF_CSV_LOWER},
    {"alt min", TF_CSV_LOWER},
    {"altitude upper", TF_CSV_UPPER},
    {"altitude upper m", TF_CSV_UPPER},
    {"altitude upper ft", TF_CSV_UPPER},
    {"upper", TF_CSV_UPPER},
    {"ceiling", TF_CSV_UPPER},
    {"max altitude", TF_CSV_UPPER},
    {"alt max", TF_CSV_UPPER},
    {"kind", TF_CSV_KIND},
    {"state", TF_CSV_STATE},
    {"status", TF_CSV_STATE},
    {"restriction", TF_CSV_RESTRICTION},
    {"priority", TF_CSV_PRIORITY},
    {"volume", TF_CSV_VOLUME},
    {"note", TF_CSV_NOTE},
    {"notes", TF_CSV_NOTE},
    {"remarks", TF_CSV_NOTE},
    {"comment", TF_CSV_NOTE},
    {"comments", TF_CSV_NOTE},
    {"description", TF_CSV_NOTE},
    {"ملاحظات", TF_CSV_NOTE},
    {"ملاحظة", TF_CSV_NOTE},
    {"примечание", TF_CSV_NOTE},
    {"примечания", TF_CSV_NOTE},
    {"remarque", TF_CSV_NOTE},
    {"remarques", TF_CSV_NOTE},
};

/* --- records ----------------------------------------------------------------------- */

static const char separators[] = ",;\t|";

/* The end of a line; counts it. */
static bool line_end(struct tf_csv *csv)
{
    if (*csv->at != '\r' && *csv->at != '\n')
        return false;
    if (*csv->at == '\r' && csv->at + 1 < csv->end && csv->at[1] == '\n')
        csv->at++;
    csv->at++;
    csv->next_line++;
    return true;
}

/* "sep=;" above a table, for Excel: the line after it shows the same. */
static void skip_separator_line(struct tf_csv *csv)
{
    const char *p = csv->at + (csv->at < csv->end && *csv->at == '"');
    if (csv->end - p < 5 || !tf_span_begins((struct tf_span){p, csv->end}, "sep=") || !p[4] ||
        !strchr(separators, p[4]))
        return;
    p += 5;
    p += p < csv->end && *p == '"';
    if (p == csv->end || (*p != '\r' && *p != '\n'))
        return;
    csv->at = p;
    (void)line_end(csv);
}

void tf_csv_open(struct tf_csv *csv, const char *bytes, size_t len)
{
    size_t counts[sizeof separators - 1] = {0}, best = 0;
    bool quoted = false;
    *csv = (struct tf_csv){.at = bytes, .end = bytes + len, .next_line = 1};
    csv->text = (struct tf_buf)TF_BUF_INIT(TF_CSV_MAX_RECORD);
    csv->at += tf_utf8_mark(bytes, len);
    skip_separator_line(csv);
    const char *p = csv->at;
    while (p < csv->end && (*p == '\r' || *p == '\n'))
        p++;
    for (; p < csv->end && (quoted || (*p != '\n' && *p != '\r')); p++) {
        const char *which = *p ? strchr(separators, *p) : NULL;
        quoted ^= *p == '"';
        if (which && !quoted)
            counts[which - separators]++;
    }
    for (size_t i = 1; i < sizeof counts / sizeof *counts; i++)
        if (counts[i] > 0 && counts[i] >= counts[best])
            best = i;
    csv->separator = separators[best];
}

/* The inside of quotes, up to the closing one. */
static enum tf_status quoted_part(struct tf_csv *csv)
{
    for (csv->at++; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"' && csv->at + 1 < csv->end && csv->at[1] == '"')
            csv->at++;
        else if (*csv->at == '"') {
            csv->at++;
            return TF_OK;
        }
        if (*csv->at == '\n')
            csv->next_line++;
        tf_buf_char(&csv->text, *csv->at);
        if (tf_buf_status(&csv->text))
            return tf_buf_status(&csv->text);
    }
    return TF_SYNTAX;
}

/* One field; *last if the record ends with it. Quotes count at its beginning only. */
static enum tf_status field(struct tf_csv *csv, bool *last)
{
    enum tf_status rc = TF_OK;
    while (csv->at < csv->end && *csv->at == ' ' && csv->separator != ' ')
        csv->at++;
    if (csv->at < csv->end && *csv->at == '"')
        rc = quoted_part(csv);
    for (*last = true; !rc && csv->at < csv->end; csv->at++) {
        if (*csv->at == csv->separator) {
            csv->at++;
            *last = false;
            break;
        }
        if (line_end(csv))
            break;
        tf_buf_char(&csv->text, *csv->at);
        rc = tf_buf_status(&csv->text);
    }
    return rc;
}

static enum tf_status record(struct tf_csv *csv)
{
    size_t starts[TF_CSV_MAX_FIELDS + 1];
    bool last = false;
    enum tf_status rc = TF_OK;
    tf_buf_clear(&csv->text);
    csv->line = csv->next_line;
    csv->count = 0;
    while (!rc && !last) {
        if (csv->count == TF_CSV_MAX_FIELDS)
            return TF_LIMIT;
        starts[csv->count++] = csv->text.len;
        rc = field(csv, &last);
    }
    starts[csv->count] = csv->text.len;
    const char *text = csv->text.data ? csv->text.data : "";
    for (size_t i = 0; i < csv->count; i++)
        csv->fields[i] = tf_span_trim((struct tf_span){text + starts[i], text + starts[i + 1]});
    return rc;
}

enum tf_status tf_csv_next(struct tf_csv *csv)
{
    while (csv->at < csv->end) {
        enum tf_status rc = record(csv);
        bool empty = true;
        for (size_t i = 0; i < csv->count && empty; i++)
            empty = tf_span_len(csv->fields[i]) == 0;
        if (rc || !empty)
            return rc;
    }
    return TF_NOT_FOUND;
}

void tf_csv_close(struct tf_csv *csv)
{
    tf_buf_release(&csv->text);
}

struct tf_span tf_csv_field(const struct tf_csv *csv, int column)
{
    static const char nothing[] = "";
    if (column < 0 || (size_t)column >= csv->count)
        return (struct tf_span){nothing, nothing};
    return csv->fields[column];
}

/* --- columns ------------------------------------------------------------------------ */

/* One character in lower case and plain form: Latin, Cyrillic, Arabic alef. Returns its length. */
static size_t fold_one(const unsigned char *p, size_t len, unsigned char out[2])
{
    out[0] = p[0];
    out[1] = len > 1 ? p[1] : 0;
    if (p[0] >= 'A' && p[0] <= 'Z')
        out[0] = (unsigned char)(p[0] + 32);
    else if (p[0] == '_' || p[0] == '-' || p[0] == '\t')
        out[0] = ' ';
    if (p[0] < 0xC0 || len < 2)
        return 1;
    if (p[0] == 0xC3 && p[1] >= 0x80 && p[1] <= 0x9E)
        out[1] = (unsigned char)(p[1] + 0x20);
    else if (p[0] == 0xD0 && p[1] >= 0x90 && p[1] <= 0x9F)
        out[1] = (unsigned char)(p[1] + 0x20);
    else if (p[0] == 0xD0 && p[1] >= 0xA0 && p[1] <= 0xAF) {
        out[0] = 0xD1;
        out[1] = (unsigned char)(p[1] - 0x20);
    } else if (p[0] == 0xD8 && (p[1] == 0xA2 || p[1] == 0xA3 || p[1] == 0xA5))
        out[1] = 0xA7;
    return 2;
}

/* Lower case, blanks for _ and -, without what stands in brackets, at most size - 1 bytes. */
static void fold(struct tf_span s, char *out, size_t size)
{
    size_t n = 0;
    while (s.at < s.end && *s.at != '(' && *s.at != '[' && n + 3 < size) {
        unsigned char c[2];
        size_t len = fold_one((const unsigned char *)s.at, (size_t)(s.end - s.at), c);
        for (size_t i = 0; i < len; i++)
            out[n++] = (char)c[i];
        s.at += len;
    }
    while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == ':'))
        n--;
    out[n] = '\0';
}

enum tf_csv_column tf_csv_column_of(struct tf_span header)
{
    char text[64];
    fold(header, text, sizeof text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i].word) == 0)
            return words[i].column;
    return TF_CSV_COLUMN_COUNT;
}

/* Does the word or what stands in brackets end with the unit? "radius_km", "Radius (km)". */
static bool names_unit(struct tf_span header, const char *unit)
{
    size_t len = strlen(unit);
    while (header.end > header.at && (header.end[-1] == ')' || header.end[-1] == ']'))
        header.end--;
    if (tf_span_len(header) <= len)
        return false;
    struct tf_span tail = {header.end - len, header.end};
    char before = tail.at[-1];
    return tf_span_is(tail, unit) &&
           (before == ' ' || before == '_' || before == '(' || before == '[' || before == '-');
}

static void units_of(const struct tf_csv *csv, struct tf_csv_map *map)
{
    struct tf_span radius = tf_csv_field(csv, map->column[TF_CSV_RADIUS]);
    map->radius_unit_m = names_unit(radius, "km")   ? 1000
                         : names_unit(radius, "nm") ? TF_NAUTICAL_MILE_M
                         : names_unit(radius, "ft") ? TF_FOOT_M
                                                    : 1;
    if (names_unit(tf_csv_field(csv, map->column[TF_CSV_UPPER]), "ft") ||
        names_unit(tf_csv_field(csv, map->column[TF_CSV_LOWER]), "ft"))
        map->altitude_unit.unit = TF_ALT_UNIT_FT;
}

static bool has_places(const struct tf_csv_map *map)
{
    return map->column[TF_CSV_COORD] >= 0 ||
           (map->column[TF_CSV_LAT] >= 0 && map->column[TF_CSV_LNG] >= 0);
}

static bool is_angle(struct tf_span s, enum tf_axis axis)
{
    double deg;
    return tf_span_len(s) > 0 && !tf_coord_angle(s.at, tf_span_len(s), axis, &deg, NULL);
}

static bool has_fraction_or_letter(struct tf_span s)
{
    for (; s.at < s.end; s.at++)
        if (strchr(".,:NSEWnsew", *s.at) || (unsigned char)*s.at >= 0x80)
            return true;
    return false;
}

/* Without a header: [id,] [name,] place [, radius]. Whole numbers are no angles. */
static bool guess(const struct tf_csv *csv, struct tf_csv_map *map)
{
    int count = (int)csv->count, place = -1, after = 0;
    for (int i = 0; i < count && place < 0; i++) {
        struct tf_span a = csv->fields[i], b = tf_csv_field(csv, i + 1);
        struct tf_coord c;
        if (tf_span_len(a) > 0 && !tf_coord_parse(a.at, tf_span_len(a), &c, NULL)) {
            map->column[TF_CSV_COORD] = place = i;
            after = i + 1;
        } else if (is_angle(a, TF_AXIS_LAT) && is_angle(b, TF_AXIS_LNG) &&
                   has_fraction_or_letter(a) && has_fraction_or_letter(b)) {
            map->column[TF_CSV_LAT] = place = i;
            map->column[TF_CSV_LNG] = i + 1;
            after = i + 2;
        }
    }
    if (place < 0)
        return false;
    double radius;
    if (place == 1)
        map->column[TF_CSV_NAME] = 0;
    if (place >= 2) {
        map->column[TF_CSV_ID] = 0;
        map->column[TF_CSV_NAME] = 1;
    }
    if (after < count && tf_span_number(csv->fields[after], &radius))
        map->column[TF_CSV_RADIUS] = after;
    return true;
}

bool tf_csv_map(const struct tf_csv *csv, struct tf_csv_map *out)
{
    *out =
        (struct tf_csv_map){.radius_unit_m = 1, .altitude_unit = {0, TF_ALT_UNIT_M, TF_ALT_AMSL}};
    for (int i = 0; i < TF_CSV_COLUMN_COUNT; i++)
        out->column[i] = -1;
    for (size_t i = 0; i < csv->count; i++) {
        enum tf_csv_column column = tf_csv_column_of(csv->fields[i]);
        if (column != TF_CSV_COLUMN_COUNT && out->column[column] < 0)
            out->column[column] = (int)i;
    }
    out->has_header = has_places(out);
    if (out->has_header) {
        units_of(csv, out);
        return true;
    }
    for (int i = 0; i < TF_CSV_COLUMN_COUNT; i++)
        out->column[i] = -1;
    return guess(csv, out);
}
