/*
 * replay.c - feeds files to a fuzz target without a fuzzer: the corpus is a
 * regression test of every build, whatever the compiler.
 *
 * usage: replay DIRECTORY...   (every regular file of each)
 */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_MAX_BYTES = 16 << 20 };

static bool feed(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    /* Not one byte more than the file has, so that a sanitizer sees overreads. */
    uint8_t *all = malloc(REPLAY_MAX_BYTES);
    size_t size = all ? fread(all, 1, REPLAY_MAX_BYTES, file) : 0;
    uint8_t *data = all ? realloc(all, size > 0 ? size : 1) : NULL;
    bool ok = data && !ferror(file);
    if (ok)
        LLVMFuzzerTestOneInput(data, size);
    free(data ? data : all);
    fclose(file);
    return ok;
}

static int feed_directory(const char *directory, size_t *fed)
{
    DIR *dir = opendir(directory);
    if (!dir) {
        perror(directory);
        return 1;
    }
    int rc = 0;
    for (struct dirent *entry; !rc && (entry = readdir(dir));) {
        char path[4096];
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (feed(path)) {
            ++*fed;
        } else {
            perror(path);
            rc = 1;
        }
    }
    closedir(dir);
    return rc;
}

int main(int argc, char **argv)
{
    size_t fed = 0;
    int rc = argc < 2;
    for (int i = 1; i < argc && !rc; i++)
        rc = feed_directory(argv[i], &fed);
    printf("%zu inputs\n", fed);
    return rc || fed == 0;
}
