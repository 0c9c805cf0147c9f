/*
 * test_sim.c - schedules of a world from seeds; see sim.h and docs/testing.md.
 *
 * usage: test_sim [PROFILE]
 * TAFADI_SEED: the first seed; TAFADI_SIM_SCHEDULES: how many of each profile.
 */
#include "sim.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

/* Sanitizers cost five to ten times. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { SCHEDULES = 2 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { SCHEDULES = 2 };
#else
enum { SCHEDULES = 38 };
#endif
#else
enum { SCHEDULES = 38 };
#endif

static const struct profile profiles[] = {
    {.name = "crossing",
     .nodes = 2,
     .steps = 60,
     .drop = 10,
     .twice = 10,
     .slow = 20,
     .memo = 10,
     .close = 5,
     .jump = 2},
    {.name = "memoranda",
     .nodes = 2,
     .steps = 60,
     .drop = 20,
     .twice = 5,
     .slow = 40,
     .memo = 60,
     .close = 1,
     .partition = 3},
    {.name = "crashes",
     .nodes = 2,
     .steps = 60,
     .drop = 10,
     .twice = 5,
     .slow = 10,
     .memo = 15,
     .close = 4,
     .crash = 15,
     .full = 5,
     .jump = 1},
    {.name = "partitions",
     .nodes = 3,
     .steps = 60,
     .drop = 20,
     .twice = 5,
     .slow = 20,
     .memo = 10,
     .close = 4,
     .partition = 8,
     .one_way = 6,
     .files = 8,
     .crash = 3,
     .jump = 2},
    {.name = "restores",
     .nodes = 2,
     .steps = 60,
     .drop = 15,
     .twice = 5,
     .slow = 10,
     .memo = 30,
     .close = 2,
     .restore = 14,
     .crash = 3,
     .files = 2},
    {.name = "enemy network",
     .nodes = 2,
     .steps = 60,
     .drop = 10,
     .twice = 10,
     .slow = 20,
     .memo = 10,
     .close = 3,
     .tamper = 20,
     .replay = 10,
     .crash = 2},
    {.name = "enemy peer",
     .nodes = 2,
     .steps = 60,
     .drop = 5,
     .slow = 10,
     .memo = 10,
     .close = 2,
     .enemy = 30,
     .crash = 2},
    {.name = "enemy among three",
     .nodes = 3,
     .steps = 60,
     .drop = 10,
     .twice = 5,
     .slow = 10,
     .memo = 10,
     .close = 2,
     .enemy = 20,
     .tamper = 5,
     .replay = 5,
     .partition = 3,
     .crash = 3},
};
enum { PROFILES = sizeof profiles / sizeof profiles[0] };

/* --- one step ------------------------------------------------------------------------------ */

static void change_network(struct world *w)
{
    unsigned a = (unsigned)below(w, w->node_count);
    unsigned b = (a + 1 + (unsigned)below(w, w->node_count - 1)) % w->node_count;
    if (chance(w, w->profile->partition)) {
        w->is_cut[a][b] = !w->is_cut[a][b];
        world_trace(w, "from %u to %u: %s", a, b, w->is_cut[a][b] ? "cut" : "whole");
    }
    if (chance(w, w->profile->one_way) && !w->is_closed[b][a]) {
        w->is_closed[a][b] = !w->is_closed[a][b];
        world_trace(w, "%u %s call %u", a, w->is_closed[a][b] ? "cannot" : "can", b);
    }
}

static void change_clock(struct world *w, struct node *node)
{
    if (!chance(w, w->profile->jump))
        return;
    int64_t most_us = chance(w, 20) ? 2 * HOUR_US : MINUTE_US;
    node->skew_us = between_us(w, -most_us, most_us);
    node->tick_us = w->now_us;
    world_trace(w, "the clock of %s is wrong by %.1f s", node->card.id,
                (double)node->skew_us / 1e6);
}

static void change_disk(struct world *w, struct node *node)
{
    if (node->writes_left == 0 && chance(w, w->profile->crash + w->profile->full)) {
        node->writes_left = 1 + (int)below(w, 60);
        node->fault_is_crash = below(w, w->profile->crash + w->profile->full) < w->profile->crash;
    }
    if (chance(w, w->profile->crash) && chance(w, 20))
        node_crash(node);
    if (chance(w, w->profile->restore))
        node_back_up(node);
    if (chance(w, w->profile->restore) && chance(w, 30)) {
        node_restore(node, chance(w, 15));
        if (chance(w, 80)) /* mostly they wait until nothing is under way */
            network_clear(w, (int)node->number);
    }
}

static void step(struct world *w)
{
    struct node *node = w->nodes[below(w, w->node_count)];
    change_network(w);
    change_clock(w, node);
    change_disk(w, node);
    if (chance(w, w->profile->files))
        network_export(node);
    if (chance(w, w->profile->rotate))
        node_rotate(node);
    if (chance(w, w->profile->replay))
        network_replay(w);
    if (node->is_enemy && chance(w, w->profile->enemy))
        enemy_act(node);
    else if (chance(w, 70))
        act_of_operator(node);
    if (chance(w, 50))
        world_run(w, chance(w, 4) ? between_us(w, MINUTE_US, 10 * MINUTE_US)
                                  : between_us(w, 0, 6 * SECOND_US));
    for (unsigned i = 0; i < w->node_count; i++)
        check_node(w->nodes[i]);
}

/* The network is whole, clocks are wrong by no more than a minute, and time passes. */
static void heal(struct world *w)
{
    world_trace(w, "all is well again");
    w->is_calm = true;
    memset(w->is_cut, 0, sizeof w->is_cut);
    memset(w->is_closed, 0, sizeof w->is_closed);
    for (unsigned i = 0; i < w->node_count; i++) {
        struct node *node = w->nodes[i];
        node->writes_left = 0;
        if (llabs(node->skew_us) > MINUTE_US)
            node->skew_us = 0;
        node->tick_us = w->now_us;
    }
    world_run(w, 3 * MINUTE_US + 30 * SECOND_US);
}

static void schedule(uint64_t seed, const struct profile *profile, struct world *total)
{
    struct world *w = world_new(seed, profile);
    act_open_all(w);
    world_run(w, SECOND_US);
    for (w->step = 1; w->step <= profile->steps; w->step++)
        step(w);
    heal(w);
    check_end(w);
    total->count.said += w->count.said;
    total->count.refused += w->count.refused;
    total->count.posts += w->count.posts;
    total->count.crashes += w->count.crashes;
    total->count.restores += w->count.restores;
    total->count.forks += w->count.forks;
    total->count.agreed += w->count.agreed;
    total->count.cosigned += w->count.cosigned;
    world_free(w);
}

/* Schedules of a profile; each seed stands for one schedule of one profile. */
static void run(const struct profile *profile)
{
    struct world total = {.seed = 0};
    const char *text = getenv("TAFADI_SIM_SCHEDULES");
    uint64_t count = text ? strtoull(text, NULL, 10) : SCHEDULES;
    uint64_t first = random_seed(1);
    for (uint64_t i = 0; i < count; i++)
        schedule(first + i, profile, &total);
    print_message("%s: %llu schedules; %llu messages said, %llu refused, %llu posts, %llu crashes, "
                  "%llu restores, %llu contradictions found, %llu times agreed, %llu cosigned\n",
                  profile->name, (unsigned long long)count, (unsigned long long)total.count.said,
                  (unsigned long long)total.count.refused, (unsigned long long)total.count.posts,
                  (unsigned long long)total.count.crashes, (unsigned long long)total.count.restores,
                  (unsigned long long)total.count.forks, (unsigned long long)total.count.agreed,
                  (unsigned long long)total.count.cosigned);
}

static void test_profile(void **state)
{
    run(*state);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[PROFILES];
    size_t count = 0;
    for (size_t i = 0; i < PROFILES; i++)
        if (argc < 2 || strcmp(argv[1], profiles[i].name) == 0)
            tests[count++] = (struct CMUnitTest){.name = profiles[i].name,
                                                 .test_func = test_profile,
                                                 .initial_state = (void *)(uintptr_t)&profiles[i]};
    if (count == 0) {
        fprintf(stderr, "no profile %s\n", argv[1]);
        return 2;
    }
    return _cmocka_run_group_tests("sim", tests, count, NULL, NULL);
}
