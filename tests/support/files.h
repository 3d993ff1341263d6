/* SPDX-License-Identifier: MIT
 * Files to operate on, and the forms in which a call can name one. */
#ifndef FDI_TEST_FILES_H
#define FDI_TEST_FILES_H

#include "fixture.h"
#include "operations.h"

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

/* The forms of a target. An absolute path comes with a closed dir_fd. */
enum form { FORM_PATH, FORM_AT, FORM_ABSOLUTE, NAMED_FORMS, FORM_FD = NAMED_FORMS, FORMS };

/* Returns "dir/NAME" in the form `form`, which is not FORM_FD; `directory` is "dir". The target
 * stays valid for seven more calls. */
fdi_target named(void **state, int directory, const char *name, enum form form);

/* Opens "dir" and the file "dir/file", which contains ten bytes. */
struct file_tree {
    int directory;
    int fd;
    void **state;
};
struct file_tree file_tree_open(void **state);
/* Does the same, and adds "dir/link" to "file" and "dir/dangling" to a missing file. */
struct file_tree file_tree_with_links(void **state);
void file_tree_close(struct file_tree *tree);
/* "dir/file" in any form. */
fdi_target file_tree_file(struct file_tree *tree, enum form form);

/* Reports whether the platform supports `function` in that form, by fdi_supports; for a plain
 * path, by the list of system_has. */
bool is_served(fdi_function function, enum form form);

/* The number of functions that fdi_supports recognizes. */
int function_count(void);

/* Asserts that the call works if `served`, and fails with ENOTSUP otherwise. */
#define assert_served(served, call)                                                                \
    do {                                                                                           \
        if (served)                                                                                \
            assert_works(call);                                                                    \
        else                                                                                       \
            assert_fails(ENOTSUP, call);                                                           \
    } while (0)

#endif
