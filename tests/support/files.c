/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "files.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

void make_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

void assert_file_is(const char *path, const char *text)
{
    char found[64] = {0};
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    (void)fread(found, 1, sizeof found - 1, file);
    fclose(file);
    assert_string_equal(found, text);
}

bool exists(const char *path)
{
    struct fdi_stat status;
    return fdi_stat(fdi_path(path), &status, FDI_NOFOLLOW) == 0;
}

struct fdi_stat status_of(const char *path)
{
    struct fdi_stat status;
    memset(&status, 0xff, sizeof status);
    assert_int_equal(fdi_stat(fdi_path(path), &status, 0), 0);
    return status;
}

int open_directory(const char *path)
{
    int fd = fdi_open(fdi_path(path), O_RDONLY, 0);
    assert_true(fd >= 0);
    return fd;
}

int closed_fd(void)
{
    int fd = open_null(false);
    assert_int_equal(close(fd), 0);
    return fd;
}

int function_count(void)
{
    int count = 0;
    while (fdi_function_name((fdi_function)count))
        count++;
    return count;
}

fdi_target named(void **state, int directory, const char *name, enum form form)
{
    static char texts[8][512];
    static int last;
    char *text = texts[++last % 8];
    if (form == FORM_PATH)
        snprintf(text, sizeof texts[0], "dir/%s", name);
    else if (form == FORM_AT)
        snprintf(text, sizeof texts[0], "%s", name);
    else
        snprintf(text, sizeof texts[0], "%s/dir/%s", (const char *)*state, name);
    if (form == FORM_PATH)
        return fdi_path(text);
    return fdi_path_at(form == FORM_AT ? directory : closed_fd(), text);
}

struct file_tree file_tree_open(void **state)
{
    struct file_tree tree = {-1, -1, state};
    assert_int_equal(fdi_mkdir(fdi_path("dir"), 0755), 0);
    make_file("dir/file", "0123456789");
    tree.directory = open_directory("dir");
    tree.fd = fdi_open(fdi_path("dir/file"), O_RDWR, 0);
    assert_true(tree.fd >= 0);
    return tree;
}

struct file_tree file_tree_with_links(void **state)
{
    struct file_tree tree = file_tree_open(state);
    assert_int_equal(fdi_symlink("file", fdi_path("dir/link"), 0), 0);
    assert_int_equal(fdi_symlink("nothing", fdi_path("dir/dangling"), 0), 0);
    return tree;
}

void file_tree_close(struct file_tree *tree)
{
    assert_int_equal(close(tree->fd), 0);
    assert_int_equal(close(tree->directory), 0);
}

fdi_target file_tree_file(struct file_tree *tree, enum form form)
{
    if (form == FORM_FD)
        return fdi_fd(tree->fd);
    return named(tree->state, tree->directory, "file", form);
}

bool is_served(fdi_function function, enum form form)
{
    switch (form) {
    case FORM_FD:
        return fdi_supports(function, FDI_FORM_FD, 0);
    case FORM_AT:
        return fdi_supports(function, FDI_FORM_DIR_FD, 0);
    default:
        return system_has(function);
    }
}
