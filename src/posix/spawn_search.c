/* SPDX-License-Identifier: MIT
 * Searches for a program in a list of directories. It allocates nothing, because it runs in the
 * child. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "spawn.h"

#include <stdlib.h>
#include <string.h>

/* An empty element of PATH means the child's working directory. */
static int run_in(const char *directory, size_t length, const char *name, fdi__run *run,
                  void *context)
{
    size_t name_length = strlen(name);
    char path[4096];
    if (length + name_length + 2 > sizeof path)
        return fdi__fail(ENAMETOOLONG);
    memcpy(path, directory, length);
    if (length > 0)
        path[length++] = '/';
    memcpy(path + length, name, name_length + 1);
    return run(context, path);
}

static bool is_to_go_on(int error)
{
    return error == EACCES || error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG ||
           error == ESTALE || error == ENODEV || error == ETIMEDOUT;
}

enum { LONGEST_NAME = 255 }; /* NAME_MAX, which some systems do not define */

int fdi__search(const char *directories, const char *name, fdi__run *run, void *context)
{
    int error = ENOENT;
    if (!*name)
        return fdi__fail(ENOENT);
    if (strlen(name) > LONGEST_NAME) /* too long in every directory */
        return fdi__fail(ENAMETOOLONG);
    for (;;) {
        size_t length = strcspn(directories, ":");
        int result = run_in(directories, length, name, run, context);
        if (result >= 0 || !is_to_go_on(errno))
            return result;
        if (errno == EACCES)
            error = EACCES;
        if (!directories[length])
            return fdi__fail(error);
        directories += length + 1;
    }
}

/* Returns the first PATH of an environment, or NULL. */
static const char *find_path(char *const *envp)
{
    static const char name[] = "PATH=";
    for (; *envp; envp++)
        if (strncmp(*envp, name, sizeof name - 1) == 0)
            return *envp + sizeof name - 1;
    return NULL;
}

const char *fdi__search_path(const fdi_spawn_options *options)
{
    if (!(options->flags & FDI_SPAWN_SEARCH) || strchr(options->program.path, '/'))
        return NULL;
    const char *path = options->envp ? find_path(options->envp) : getenv("PATH");
    return path ? path : "/bin:/usr/bin";
}
