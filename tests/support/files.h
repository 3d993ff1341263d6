/* SPDX-License-Identifier: MIT
 * Files to try things on, and the forms in which a call can be given one. */
#ifndef FDI_TEST_FILES_H
#define FDI_TEST_FILES_H

#include "fixture.h"
#include "fdinherit.h"

#include <stdio.h>

void make_file(const char *path, const char *text);
void assert_file_is(const char *path, const char *text);
bool exists(const char *path);
/* Returns the attributes of a path; fdi_stat must not fail. */
struct fdi_stat status_of(const char *path);
/* A directory as an fd, by fdi_open. */
int open_directory(const char *path);
/* A number that is not open. */
int closed_fd(void);

/* The forms of a target. An absolute path comes with a dir_fd that is not open. */
enum form { FORM_PATH, FORM_AT, FORM_ABSOLUTE, NAMED_FORMS, FORM_FD = NAMED_FORMS, FORMS };

/* "dir/NAME" in the form `form`, which is not FORM_FD; `directory` is "dir". The target lives until
 * the eighth call from then. */
fdi_target named(void **state, int directory, const char *name, enum form form);

/* "dir" with the file "dir/file" that has a text of ten bytes, and both open. */
struct scene {
    int directory;
    int fd;
    void **state;
};
struct scene scene_open(void **state);
/* The same with "dir/link" to "file" and "dir/dangling" to nothing. */
struct scene scene_with_links(void **state);
void scene_close(struct scene *scene);
/* "dir/file" in any form. */
fdi_target scene_file(struct scene *scene, enum form form);

/* Reports whether the system serves `function` in that form, by fdi_supports; a plain path by
 * the list of system_has. */
bool is_served(fdi_function function, enum form form);

/* The number of functions that fdi_supports knows. */
int function_count(void);

/* The call works if `served`, and is ENOTSUP otherwise. */
#define assert_served(served, call)                                                                \
    do {                                                                                           \
        if (served)                                                                                \
            assert_works(call);                                                                    \
        else                                                                                       \
            assert_fails(ENOTSUP, call);                                                           \
    } while (0)

/* Reports whether this system has the operation at all, as the contract says. */
bool system_has(fdi_function function);

/* Calls the operation on any target, with other arguments that are right. `flags` is left out where
 * it takes none; FDI_NOFOLLOW is O_NOFOLLOW to fdi_open. For fdi_mkstemp the target is the directory,
 * for fdi_spawn the program. The call closes every descriptor that it opened. New names are "other"
 * in the current directory. */
int64_t call_any(fdi_function function, fdi_target target, unsigned flags);
bool takes_flags(fdi_function function);

#endif
