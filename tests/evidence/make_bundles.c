/*
 * make_bundles.c - plays the scene in two files, DIR/north/party.db and DIR/south/party.db, each
 * with its party.card beside it, for `tafadi evidence make`.
 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    static const char *const sides[] = {"north", "south"};
    char path[2][1024];
    struct scene scene;
    if (argc != 2)
        return 2;
    for (int i = 0; i < 2; i++)
        snprintf(path[i], sizeof path[i], "%s/%s/party.db", argv[1], sides[i]);
    scene_play(&scene, (const char *const[]){path[0], path[1]});
    for (int i = 0; i < 2; i++) {
        char card[1100];
        snprintf(card, sizeof card, "%s/%s/party.card", argv[1], sides[i]);
        FILE *file = fopen(card, "w");
        if (!file || fputs(scene.pair.side[i].card.data, file) < 0 || fclose(file))
            return 1;
    }
    printf("{\"line\":\"%s\",\"notice\":%lld,\"seen\":%lld,\"lost\":%lld,\"second\":%lld}\n",
           scene.pair.line, (long long)scene.notice, (long long)scene.seen, (long long)scene.lost,
           (long long)scene.second);
    pair_close(&scene.pair);
    return 0;
}
