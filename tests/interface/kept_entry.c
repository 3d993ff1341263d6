/* SPDX-License-Identifier: MIT
 * Reads a directory entry after its lifetime. AddressSanitizer ends the program.
 *
 * kept_entry DIRECTORY WHEN: `now` reads the entry in time; `next` after the next fdi_readdir;
 * `end` after the call that found the end; `closed` after fdi_closedir. */
#include "fdinherit.h"

#include <stdio.h>
#include <string.h>

/* Reads entries until `left` reaches zero or the listing ends. */
static const fdi_dirent *last_of(fdi_dir *dir, int left)
{
    const fdi_dirent *entry = NULL;
    while (left-- > 0 && fdi_readdir(dir, &entry) == 1)
        ;
    return entry;
}

int main(int argc, char **argv)
{
    const fdi_dirent *ignored;
    fdi_dir *dir = argc == 3 ? fdi_opendir(fdi_path(argv[1])) : NULL;
    if (!dir)
        return 2;
    const fdi_dirent *kept = last_of(dir, strcmp(argv[2], "end") == 0 ? 1000 : 1);
    if (strcmp(argv[2], "next") == 0 && fdi_readdir(dir, &ignored) != 1)
        return 3;
    if (strcmp(argv[2], "closed") == 0 && fdi_closedir(dir) != 0)
        return 4;
    printf("read %s\n", kept->name);
    return strcmp(argv[2], "closed") == 0 || fdi_closedir(dir) == 0 ? 0 : 5;
}
