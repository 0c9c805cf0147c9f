/*
 * test_tiles.c - the header of a PMTiles archive, field by field, and a file that is replaced, cut
 * short or taken away while it is read.
 */
#include "desk/tiles.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "random.h"

enum { SIZE = 4096 };

static void put(uint8_t *header, size_t at, uint64_t value, size_t width)
{
    for (size_t i = 0; i < width; i++)
        header[at + i] = (uint8_t)(value >> 8 * i);
}

/* Good for a file of SIZE bytes: sections one behind the other, vector tiles of the whole Earth. */
static void make_header(uint8_t header[TILES_HEADER_SIZE])
{
    static const uint64_t sections[] = {127, 100, 227, 50, 277, 0, 277, SIZE - 277};
    static const int32_t bounds[] = {-1800000000, -850511290, 1800000000, 850511290};
    memset(header, 0, TILES_HEADER_SIZE);
    memcpy(header, "PMTiles\x03", 8);
    for (size_t i = 0; i < 8; i++)
        put(header, 8 + 8 * i, sections[i], 8);
    header[97] = header[98] = 2;
    header[99] = 1;
    header[101] = 15;
    for (size_t i = 0; i < 4; i++)
        put(header, 102 + 4 * i, (uint32_t)bounds[i], 4);
}

static void every_field(void **state)
{
    (void)state;
    static const struct {
        size_t at, width;
        uint64_t value;
        enum tf_status rc;
        const char *field;
    } rows[] = {
        {0, 1, 'p', TF_SYNTAX, "magic"},
        {7, 1, 2, TF_UNSUPPORTED, "version"},
        {7, 1, '3', TF_UNSUPPORTED, "version"},
        {8, 8, 126, TF_RANGE, "root_directory"},
        {8, 8, SIZE, TF_RANGE, "root_directory"},
        {8, 8, UINT64_MAX, TF_RANGE, "root_directory"},
        {16, 8, 0, TF_RANGE, "root_directory"},
        {16, 8, UINT64_MAX - 126, TF_RANGE, "root_directory"},
        {24, 8, SIZE - 49, TF_RANGE, "metadata"},
        {32, 8, UINT64_MAX, TF_RANGE, "metadata"},
        {48, 8, SIZE - 276, TF_RANGE, "leaf_directories"},
        {56, 8, UINT64_MAX - 100, TF_RANGE, "tile_data"},
        {56, 8, 278, TF_RANGE, "tile_data"},
        {64, 8, 0, TF_RANGE, "tile_data"},
        {97, 1, 0, TF_UNSUPPORTED, "internal_compression"},
        {97, 1, 3, TF_UNSUPPORTED, "internal_compression"},
        {98, 1, 4, TF_UNSUPPORTED, "tile_compression"},
        {99, 1, 0, TF_UNSUPPORTED, "tile_type"},
        {99, 1, 6, TF_UNSUPPORTED, "tile_type"},
        {100, 1, 16, TF_RANGE, "max_zoom"},
        {101, 1, 27, TF_RANGE, "max_zoom"},
        {102, 4, (uint32_t)-1800000001, TF_RANGE, "bounds"},
        {106, 4, 850511291, TF_RANGE, "bounds"},
        {110, 4, 1800000001, TF_RANGE, "bounds"},
        {114, 4, 900000001, TF_RANGE, "bounds"},
        /* as they may be */
        {8, 8, SIZE - 100, TF_OK, ""},
        {32, 8, 0, TF_OK, ""},
        {40, 8, 0, TF_OK, ""},
        {98, 1, 1, TF_OK, ""},
        {99, 1, 5, TF_OK, ""},
        {100, 1, 15, TF_OK, ""},
        {118, 9, 0, TF_OK, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t header[TILES_HEADER_SIZE];
        struct tf_fault fault = {.field = ""};
        make_header(header);
        put(header, rows[i].at, rows[i].value, rows[i].width > 8 ? 8 : rows[i].width);
        if (tiles_check(header, SIZE, &fault) != rows[i].rc ||
            strcmp(fault.field, rows[i].field) != 0)
            fail_msg("row %zu: \"%s\"", i, fault.field);
    }
}

/* Clients read the first 16 KiB for it. */
static void a_root_that_is_far_away(void **state)
{
    (void)state;
    uint8_t header[TILES_HEADER_SIZE];
    struct tf_fault fault;
    make_header(header);
    put(header, 8, 16384 - 100, 8);
    assert_int_equal(tiles_check(header, 20000, &fault), TF_OK);
    put(header, 8, 16384 - 99, 8);
    assert_int_equal(tiles_check(header, 20000, &fault), TF_RANGE);
}

/* What is accepted has its sections in the file, whatever the bytes are. */
static void random_headers(void **state)
{
    (void)state;
    uint64_t seed = random_seed(3), random = seed;
    size_t accepted = 0;
    for (int i = 0; i < 200000; i++) {
        uint8_t header[TILES_HEADER_SIZE];
        make_header(header);
        size_t section = random_below(&random, 4);
        put(header, 8 + 16 * section, random_next(&random) >> random_below(&random, 64), 8);
        put(header, 16 + 16 * section, random_next(&random) >> random_below(&random, 64), 8);
        if (tiles_check(header, SIZE, NULL))
            continue;
        accepted++;
        for (size_t s = 0; s < 4; s++) {
            uint64_t at, len;
            memcpy(&at, header + 8 + 16 * s, 8); /* on a little-endian machine */
            memcpy(&len, header + 16 + 16 * s, 8);
            if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && (at > SIZE || len > SIZE - at))
                fail_msg("seed %llu", (unsigned long long)seed);
        }
    }
    assert_in_range(accepted, 100, 199900);
}

/* --- a file --------------------------------------------------------------------------------- */

struct place {
    char dir[32], path[64];
};

static void write_file(const char *path, size_t size, uint8_t fill)
{
    uint8_t bytes[SIZE];
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    memset(bytes, fill, sizeof bytes);
    make_header(bytes);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strncpy(place->dir, "/tmp/tiles-test-XXXXXX", sizeof place->dir - 1);
    if (!mkdtemp(place->dir))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/a.pmtiles", place->dir);
    write_file(place->path, SIZE, 'a');
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->dir);
    free(place);
    return 0;
}

static void is_read_in_parts(void **state)
{
    struct place *place = *state;
    struct tf_buf out = TF_BUF_INIT(SIZE + 1);
    struct tiles tiles;
    assert_int_equal(tiles_open(place->path, &tiles, NULL), TF_OK);
    assert_int_equal(tiles.size, SIZE);
    assert_int_equal(tiles_read(&tiles, &(struct http_part){0, 7}, &out), TF_OK);
    assert_int_equal(tiles_read(&tiles, &(struct http_part){SIZE - 2, 2}, &out), TF_OK);
    assert_int_equal(out.len, 9);
    assert_memory_equal(out.data, "PMTilesaa", 9);
    tf_buf_clear(&out);
    assert_int_equal(tiles_read(&tiles, &(struct http_part){SIZE - 2, 3}, &out), TF_RANGE);
    tf_buf_clear(&out);
    assert_int_equal(tiles_read(&tiles, &(struct http_part){0, TILES_PART_MAX + 1}, &out),
                     TF_LIMIT);
    assert_int_equal(out.len, 0);
    tiles_close(&tiles);
    tf_buf_release(&out);
}

static void is_cut_short_while_it_is_open(void **state)
{
    struct place *place = *state;
    struct tf_buf out = TF_BUF_INIT(SIZE + 1);
    struct tiles tiles, again;
    struct tf_fault fault;
    assert_int_equal(tiles_open(place->path, &tiles, NULL), TF_OK);
    assert_int_equal(truncate(place->path, 300), 0);
    assert_int_equal(tiles_read(&tiles, &(struct http_part){0, SIZE}, &out), TF_RANGE);
    assert_int_equal(tiles_open(place->path, &again, &fault), TF_RANGE);
    assert_string_equal(fault.field, "tile_data");
    assert_int_equal(truncate(place->path, 100), 0);
    assert_int_equal(tiles_open(place->path, &again, &fault), TF_RANGE);
    assert_string_equal(fault.field, "magic");
    tiles_close(&tiles);
    tf_buf_release(&out);
}

static void has_another_etag_when_it_is_another(void **state)
{
    struct place *place = *state;
    struct tiles first, same, other;
    char path[80];
    assert_int_equal(tiles_open(place->path, &first, NULL), TF_OK);
    assert_int_equal(tiles_open(place->path, &same, NULL), TF_OK);
    assert_string_equal(first.etag, same.etag);
    assert_true(first.etag[0] == '"' && first.etag[strlen(first.etag) - 1] == '"');
    snprintf(path, sizeof path, "%s.new", place->path);
    write_file(path, SIZE, 'b'); /* of the same size, in its place */
    assert_int_equal(rename(path, place->path), 0);
    assert_int_equal(tiles_open(place->path, &other, NULL), TF_OK);
    assert_string_not_equal(first.etag, other.etag);
    tiles_close(&first);
    tiles_close(&same);
    tiles_close(&other);
}

static void what_is_no_file(void **state)
{
    struct place *place = *state;
    struct tiles tiles;
    struct tf_fault fault;
    char pipe[80];
    assert_int_equal(tiles_open(place->dir, &tiles, &fault), TF_NOT_FOUND);
    assert_int_equal(tiles_open("/tmp/tiles-test-none", &tiles, &fault), TF_NOT_FOUND);
    assert_non_null(strstr(fault.arg[0], "No such file"));
    snprintf(pipe, sizeof pipe, "%s.pipe", place->path);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(tiles_open(pipe, &tiles, &fault), TF_NOT_FOUND);
    unlink(pipe);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field),
        cmocka_unit_test(a_root_that_is_far_away),
        cmocka_unit_test(random_headers),
        cmocka_unit_test_setup_teardown(is_read_in_parts, make_place, remove_place),
        cmocka_unit_test_setup_teardown(is_cut_short_while_it_is_open, make_place, remove_place),
        cmocka_unit_test_setup_teardown(has_another_etag_when_it_is_another, make_place,
                                        remove_place),
        cmocka_unit_test_setup_teardown(what_is_no_file, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
