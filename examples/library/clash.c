/*
 * clash.c - two flights cross; find the conflict, and a way out.
 *
 * Builds against the installed library:
 *
 *     cc -std=c17 clash.c -o clash $(pkg-config --cflags --libs tafadi)
 */
#include <stdio.h>
#include <tafadi/tafadi.h>

/* 2027-07-14T08:00:00Z */
#define EIGHT_NS (INT64_C(1815552000) * TF_SECOND_NS)

/* A crewed flight at a flight level from one place to another, as 4D volumes. */
static enum tf_status add_flight(struct tf_picture *picture, const char *id, struct tf_latlng from,
                                 struct tf_latlng to, double flight_level, int64_t start_ns,
                                 int64_t duration_ns, struct tf_fault *fault)
{
    const struct tf_alt level = {flight_level, TF_ALT_UNIT_FL, TF_ALT_STD};
    const struct tf_waypoint way[] = {
        {.at = from, .alt = level, .t_ns = start_ns, .accuracy_h_m = 500, .accuracy_v_m = 60},
        {.at = to,
         .alt = level,
         .t_ns = start_ns + duration_ns,
         .accuracy_h_m = 500,
         .accuracy_v_m = 60},
    };
    struct tf_entity flight = {.kind = TF_KIND_CREWED, .state = TF_STATE_ACCEPTED};
    enum tf_status rc = tf_entity_set_text(&flight.id, id);
    if (!rc)
        rc =
            tf_trajectory_volumes(way, 2, NULL, NULL, &flight.volumes, &flight.volume_count, fault);
    if (!rc)
        rc = tf_picture_add(picture, &flight); /* moves it; nothing is left to release */
    tf_entity_release(&flight);
    return rc;
}

static void print_conflict(const struct tf_picture *picture, const struct tf_conflict *conflict)
{
    char first[TF_TIME_TEXT_SIZE], last[TF_TIME_TEXT_SIZE];
    tf_time_format(conflict->first_ns, first);
    tf_time_format(conflict->last_ns, last);
    printf("%s and %s: %.1f km apart, from %s until %s\n", picture->entities[conflict->a].id,
           picture->entities[conflict->b].id, conflict->distance_m / 1000, first, last);
}

static void print_options(const struct tf_options *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct tf_option *option = &found->options[i];
        printf("  option %zu: %+.0f s, %+.0f m, aside %.1f km, %.1f km longer\n", i + 1,
               (double)option->shift_ns / TF_SECOND_NS, option->level_m, option->offset_m / 1000,
               option->extra_distance_m / 1000);
    }
}

/* Everything against everything; then options for the second of each pair. */
static enum tf_status search(const struct tf_index_view *view, const struct tf_picture *picture,
                             struct tf_fault *fault)
{
    const struct tf_search settings = {0}; /* the default separation */
    struct tf_conflicts conflicts = {0};
    enum tf_status rc = tf_conflicts_all(view, &settings, &conflicts);
    for (size_t i = 0; !rc && i < conflicts.count; i++) {
        const struct tf_conflict *conflict = &conflicts.conflicts[i];
        const struct tf_option_limits limits = {.max_options = 3};
        struct tf_options options = {0};
        print_conflict(picture, conflict);
        rc = tf_options_find(view, conflict->b, &picture->entities[conflict->b], &settings, &limits,
                             &options, fault);
        print_options(&options);
        tf_options_release(&options);
    }
    tf_conflicts_release(&conflicts);
    return rc;
}

int main(void)
{
    struct tf_fault fault = {0};
    struct tf_picture picture = {0};
    struct tf_index *index = NULL;
    struct tf_index_view *view = NULL;

    enum tf_status rc =
        add_flight(&picture, "RED1", (struct tf_latlng){36.9, 4.6}, (struct tf_latlng){36.9, 5.8},
                   120, EIGHT_NS, 15 * TF_MINUTE_NS, &fault);
    if (!rc)
        rc = add_flight(&picture, "BLUE7", (struct tf_latlng){37.4, 5.2},
                        (struct tf_latlng){36.4, 5.2}, 120, EIGHT_NS, 15 * TF_MINUTE_NS, &fault);
    if (!rc)
        rc = tf_index_new(&index);
    if (!rc)
        rc = tf_index_build_picture(index, &picture, false);
    if (!rc)
        rc = tf_index_view_open(index, &view);
    if (!rc)
        rc = search(view, &picture, &fault);
    if (rc)
        fprintf(stderr, "clash: %s\n", fault.message ? fault.message : tf_status_text(rc));

    tf_index_view_close(view);
    tf_index_free(index);
    tf_picture_release(&picture);
    return rc != TF_OK;
}
