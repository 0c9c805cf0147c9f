/*
 * bench_index.c - the 4D index: (a) one volume against many, beside SQLite's R*Tree with GEOS;
 * (b) all against all; (c) changes; (d) memory. The volumes: mix.h.
 *
 * usage: bench_index [abcd] [MOST]     which parts, and the largest number of volumes
 */
#include "mix.h"
#include "rival.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUERIES = 3000, RIVAL_QUERIES = 1000 };
static const struct tf_separation MINIMA = {100, 30, 10 * TF_SECOND_NS};

static bool count_item(void *ctx, const struct tf_item *item)
{
    (void)item;
    ++*(size_t *)ctx;
    return true;
}

static struct tf_index *build_index(const struct tf_item *items, size_t count)
{
    struct tf_index *index;
    bench_must(tf_index_new(&index), "index");
    bench_must(tf_index_build(index, items, count), "build");
    return index;
}

/* Times of single queries in seconds; returns the items found by all. */
static size_t time_ours(struct tf_index *index, const struct tf_item *queries, size_t count,
                        double *times)
{
    struct tf_index_view *view;
    size_t found = 0;
    bench_must(tf_index_view_open(index, &view), "view");
    for (size_t i = 0; i < count; i++) {
        double start = bench_now_s();
        tf_index_query(view, &queries[i].v4, &MINIMA, count_item, &found);
        times[i] = bench_now_s() - start;
    }
    tf_index_view_close(view);
    return found;
}

static size_t time_rival(struct rival *rival, const struct tf_item *queries, size_t count,
                         double *times)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        void *outline = rival_outline(rival, &queries[i].v4);
        double start = bench_now_s();
        found += rival_query(rival, &queries[i].v4, outline, &MINIMA);
        times[i] = bench_now_s() - start;
        rival_outline_free(rival, outline);
    }
    return found;
}

static double mean(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static void one_against(const char *title, size_t count, struct tf_item (*next)(uint64_t *))
{
    static double ours[QUERIES], theirs[QUERIES];
    struct tf_item *items = mix_make(1, count, next), *queries = mix_make(2, QUERIES, next);
    struct tf_index *index = build_index(items, count);
    time_ours(index, queries, QUERIES, ours); /* warm */
    size_t found = time_ours(index, queries, QUERIES, ours);
    double mean_s = mean(ours, QUERIES), p50_s = bench_quantile(ours, QUERIES, 0.5);
    struct rival *rival = rival_new(items, count);
    time_rival(rival, queries, RIVAL_QUERIES, theirs);
    size_t rival_found = time_rival(rival, queries, RIVAL_QUERIES, theirs);
    double rival_mean_s = mean(theirs, RIVAL_QUERIES);
    double rival_p50_s = bench_quantile(theirs, RIVAL_QUERIES, 0.5);
    printf("%-8s %8zu  %7.2f %8.2f %8.2f   %8.1f %9.1f %9.1f   %6.1f %6.1f  %6.2f %6.2f\n", title,
           count, p50_s * 1e6, bench_quantile(ours, QUERIES, 0.99) * 1e6, mean_s * 1e6,
           rival_p50_s * 1e6, bench_quantile(theirs, RIVAL_QUERIES, 0.99) * 1e6, rival_mean_s * 1e6,
           rival_p50_s / p50_s, rival_mean_s / mean_s, (double)found / QUERIES,
           (double)rival_found / RIVAL_QUERIES);
    rival_free(rival);
    tf_index_free(index);
    mix_free(items, count);
    mix_free(queries, QUERIES);
}

static void bench_one(size_t most)
{
    puts("(a) one volume against n, microseconds (100 m, 30 m, 10 s);\n"
         "    comparison: SQLite rtree_i32 in memory (lat, lng, alt, time) + GEOS\n"
         "mix             n  ours p50     p99     mean   theirs p50     p99      mean"
         "   ratio p50, mean  found");
    for (size_t n = 1000; n <= most; n *= 10)
        one_against("mixed", n, mix_next);
    if (most >= 10000)
        one_against("1 cell", 10000, mix_in_cell);
}

static void all_against_all(size_t count)
{
    struct tf_item *items = mix_make(1, count, mix_next);
    double start = bench_cpu_s();
    struct tf_index *index = build_index(items, count);
    double built = bench_cpu_s() - start, times[3];
    struct tf_index_view *view;
    struct tf_conflicts list = {0};
    struct tf_search search = {0};
    bench_must(tf_index_view_open(index, &view), "view");
    for (size_t i = 0; i < 3; i++) {
        start = bench_cpu_s();
        bench_must(tf_conflicts_all(view, &search, &list), "conflicts");
        times[i] = bench_cpu_s() - start;
        if (i < 2)
            tf_conflicts_release(&list);
    }
    double median = bench_quantile(times, 3, 0.5);
    printf("%8zu  %7.3f  %7.3f  %8zu  %10.2f  %12.2f\n", count, built, median, list.pair_count,
           median * 1e6 / (double)count, median * 1e6 / ((double)count + (double)list.pair_count));
    tf_conflicts_release(&list);
    tf_index_view_close(view);
    tf_index_free(index);
    mix_free(items, count);
}

static void bench_all(size_t most)
{
    puts("(b) all against all, default separation; processor seconds\n"
         "       n    build   search     pairs  us/volume  us/(volume+pair)");
    for (size_t n = 10000; n <= most; n *= 10) {
        all_against_all(n);
        if (n * 3 <= most)
            all_against_all(n * 3);
    }
}

static void print_rate(const char *what, size_t count, double seconds)
{
    printf("%-28s %9.0f /s  %7.2f us\n", what, (double)count / seconds,
           seconds * 1e6 / (double)count);
}

static double median_query_us(struct tf_index *index, const struct tf_item *queries)
{
    static double times[QUERIES];
    time_ours(index, queries, QUERIES, times);
    return bench_quantile(times, QUERIES, 0.5) * 1e6;
}

/* Volumes are inserted, all replaced by others, and removed in another order. */
static void bench_changes(size_t most)
{
    printf("(c) changes, %zu volumes\n", most);
    struct tf_item *items = mix_make(1, most, mix_next), *others = mix_make(3, most, mix_next);
    struct tf_item *queries = mix_make(2, QUERIES, mix_next);
    struct tf_index *index;
    double start = bench_cpu_s();
    bench_must(tf_index_new(&index), "index");
    for (size_t i = 0; i < most; i++)
        bench_must(tf_index_insert(index, &items[i]), "insert");
    print_rate("insert into empty", most, bench_cpu_s() - start);
    double inserted = median_query_us(index, queries);
    bench_must(tf_index_build(index, items, most), "build");
    double built = median_query_us(index, queries);
    start = bench_cpu_s();
    for (size_t i = 0; i < most; i++)
        bench_must(tf_index_replace(index, &others[i * 7919 % most]), "replace");
    print_rate("replace", most, bench_cpu_s() - start);
    double replaced = median_query_us(index, queries);
    bench_must(tf_index_build(index, others, most), "build");
    double rebuilt = median_query_us(index, queries);
    start = bench_cpu_s();
    for (size_t i = 0; i < most; i++)
        bench_must(tf_index_remove(index, others[i * 104729 % most].entity, 0), "remove");
    print_rate("remove", most, bench_cpu_s() - start);
    printf("median query: built %.2f us, inserted one by one %.2f us (%.2f),\n"
           "              rebuilt %.2f us, after as many replacements %.2f us (%.2f)\n",
           built, inserted, inserted / built, rebuilt, replaced, replaced / rebuilt);
    tf_index_free(index);
    mix_free(items, most);
    mix_free(others, most);
    mix_free(queries, QUERIES);
}

static void bench_memory(size_t most)
{
    puts("(d) memory, bytes a volume");
    struct tf_item *items = mix_make(1, most, mix_next);
    struct tf_index *index = build_index(items, most);
    size_t shapes = 0;
    for (size_t i = 0; i < most; i++)
        shapes += tf_shape_memory_bytes(items[i].v4.shape);
    double bytes = (double)tf_index_memory_bytes(index), n = (double)most;
    printf("%zu volumes: %.0f in all, shapes %.0f, index %.0f\n", most, bytes / n,
           (double)shapes / n, (bytes - (double)shapes) / n);
    tf_index_free(index);
    mix_free(items, most);
}

int main(int argc, char **argv)
{
    static void (*const parts[])(size_t most) = {bench_one, bench_all, bench_changes, bench_memory};
    const char *which = argc > 1 ? argv[1] : "abcd";
    size_t most = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000000;
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strchr(which, 'a' + (int)i))
            parts[i](most);
    return 0;
}
