/* SPDX-License-Identifier: MIT
 * The operations in a read-only mount. Operations that would change the tree fail in every form,
 * operations that only read work, and nothing is left behind. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/seccomp_linux.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { ROOM = 512 };

/* The tree as seen from inside the mount: the fds were opened there, for reading only. */
struct view {
    char absolute[ROOM];
    int directory;
    int fd;      /* of "file" */
    int reached; /* the same file by O_PATH */
};

static fdi_target seen(struct view *view, const char *name, enum form form)
{
    static char text[ROOM + 16];
    switch (form) {
    case FORM_PATH:
        return fdi_path(name);
    case FORM_AT:
        return fdi_path_at(view->directory, name);
    case FORM_ABSOLUTE:
        snprintf(text, sizeof text, "%s/%s", view->absolute, name);
        return fdi_path_at(closed_fd(), text);
    default:
        return fdi_fd(view->fd);
    }
}

/* Reports a failed check of a child process, where an assertion cannot be used. */
static bool expect(bool right, const char *what, fdi_function function, enum form form)
{
    if (!right)
        print_message("# wrong: %s of %s, form %d, errno %d\n", what, fdi_function_name(function),
                      (int)form, errno);
    return right;
}

static bool enter(const void *argument, struct view *view)
{
    snprintf(view->absolute, sizeof view->absolute, "%s/dir", (const char *)argument);
    if (!make_read_only(view->absolute) || chdir(view->absolute) < 0)
        return false;
    view->directory = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    view->fd = open("file", O_RDONLY | O_CLOEXEC);
    view->reached = open("file", O_PATH | O_CLOEXEC);
    return view->directory >= 0 && view->fd >= 0 && view->reached >= 0;
}

/* The operations that would change the tree. */
static const fdi_function changes[] = {
    FDI_FN_CHMOD,    FDI_FN_CHOWN,  FDI_FN_SETXATTR, FDI_FN_REMOVEXATTR, FDI_FN_UTIME,
    FDI_FN_TRUNCATE, FDI_FN_LINK,   FDI_FN_RENAME,   FDI_FN_UNLINK,      FDI_FN_RMDIR,
    FDI_FN_MKDIR,    FDI_FN_MKFIFO, FDI_FN_MKNOD,    FDI_FN_SYMLINK,
};

/* Returns the name in the tree that the operation acts on. */
static const char *name_for(fdi_function function)
{
    static const char *const names[] = {
        [ON_FILE] = "file", [ON_DIRECTORY] = "empty", [ON_NEW_NAME] = "new"};
    return names[operation_of(function)->object];
}

static int error_of(fdi_function function, enum form form)
{
    if (form == FORM_FD && operation_of(function)->targets != BY_NAME_OR_FD)
        return EINVAL;
    if (!is_served(function, form))
        return ENOTSUP;
    /* an fd that is open for reading fails this way on any mount */
    return function == FDI_FN_TRUNCATE && form == FORM_FD ? EINVAL : EROFS;
}

static bool is_refused(struct view *view, fdi_function function, enum form form, unsigned flags)
{
    int error = error_of(function, form);
    bool failed = call_any(function, seen(view, name_for(function), form), flags) == -1;
    return expect(failed && errno == error, flags ? "no-follow" : "change", function, form);
}

static bool refuse_changes(const void *argument)
{
    struct view view;
    bool right = enter(argument, &view);
    for (size_t i = 0; right && i < sizeof changes / sizeof changes[0]; i++) {
        for (int form = 0; form < FORMS; form++)
            right &= is_refused(&view, changes[i], (enum form)form, 0);
        if (takes_flags(changes[i]) && fdi_supports(changes[i], FDI_FORM_PATH, FDI_NOFOLLOW))
            right &= is_refused(&view, changes[i], FORM_PATH, FDI_NOFOLLOW);
    }
    return right;
}

static bool refuse_by_reached(const void *argument)
{
    static const fdi_function functions[] = {FDI_FN_CHMOD, FDI_FN_CHOWN, FDI_FN_UTIME};
    struct view view;
    bool right = enter(argument, &view);
    for (size_t i = 0; right && i < sizeof functions / sizeof functions[0]; i++) {
        bool failed = call_any(functions[i], fdi_fd(view.reached), 0) == -1;
        right &= expect(failed && (errno == EROFS || errno == ENOTSUP), "reached", functions[i],
                        FORM_FD);
    }
    return right;
}

static bool is_erofs(int fd)
{
    return expect(fd == -1 && errno == EROFS, "opening", FDI_FN_OPEN, FORM_PATH);
}

static bool refuse_writers(const void *argument)
{
    struct view view;
    char path[] = "made.XXXXXX";
    bool right = enter(argument, &view);
    for (int form = 0; right && form < NAMED_FORMS; form++) {
        right &= is_erofs(fdi_open(seen(&view, "file", (enum form)form), O_WRONLY, 0)) &&
                 is_erofs(fdi_open(seen(&view, "new", (enum form)form), O_RDWR | O_CREAT, 0600)) &&
                 is_erofs(fdi_access(seen(&view, "file", (enum form)form), 2, 0)) &&
                 is_erofs(fdi_fopen(seen(&view, "new", (enum form)form), "wx", 0) ? 0 : -1);
    }
    return right && is_erofs(fdi_mkstemp(fdi_path("."), path, 0, 0)) &&
           strcmp(path, "made.XXXXXX") == 0;
}

static bool read_all(const void *argument)
{
    static const fdi_function readers[] = {FDI_FN_ACCESS,  FDI_FN_OPEN,    FDI_FN_PATHCONF,
                                           FDI_FN_STAT,    FDI_FN_STATVFS, FDI_FN_LISTXATTR,
                                           FDI_FN_GETXATTR};
    struct view view;
    struct fdi_statvfs filesystem;
    char text[8];
    bool right = enter(argument, &view);
    for (size_t i = 0; right && i < sizeof readers / sizeof readers[0]; i++)
        for (int form = 0; form < FORMS; form++) {
            bool served = is_served(readers[i], (enum form)form);
            int64_t result = call_any(readers[i], seen(&view, "file", (enum form)form), 0);
            right &= expect(served ? result >= 0 : result == -1 && errno == ENOTSUP, "reading",
                            readers[i], (enum form)form);
        }
    return right && fdi_statvfs(fdi_path("."), &filesystem) == 0 && filesystem.flag & ST_RDONLY &&
           fdi_readlink(fdi_path("link"), text, sizeof text) == 4 &&
           call_any(FDI_FN_OPENDIR, fdi_fd(view.directory), 0) == 0 &&
           fdi_chdir(fdi_fd(view.directory)) == 0;
}

static int count_entries(void)
{
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    const fdi_dirent *entry;
    int count = 0;
    assert_non_null(dir);
    while (fdi_readdir(dir, &entry) > 0)
        count++;
    assert_int_equal(fdi_closedir(dir), 0);
    return count;
}

/* The tree must be unchanged afterwards. */
static void try_in_tree(void **state, bool (*body)(const void *))
{
    struct file_tree tree = file_tree_with_links(state);
    assert_int_equal(fdi_mkdir(fdi_path("dir/empty"), 0700), 0);
    assert_int_equal(fdi_setxattr(fdi_path("dir/file"), "user.test", "value", 5, 0, 0), 0);
    struct fdi_stat before = status_of("dir/file");
    assert_true(apart(body, *state));
    struct fdi_stat after = status_of("dir/file");
    assert_int_equal(count_entries(), 4);
    assert_file_is("dir/file", "0123456789");
    assert_int_equal(after.mode, before.mode);
    assert_int_equal(after.ctime.sec, before.ctime.sec);
    assert_int_equal(after.ctime.nsec, before.ctime.nsec);
    file_tree_close(&tree);
}

static void every_change_fails_in_every_form(void **state)
{
    try_in_tree(state, refuse_changes);
}

static void change_through_an_o_path_fd_fails_too(void **state)
{
    try_in_tree(state, refuse_by_reached);
}

static void opening_for_writing_and_creating_fail(void **state)
{
    try_in_tree(state, refuse_writers);
}

static void reading_operations_work(void **state)
{
    try_in_tree(state, read_all);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_change_fails_in_every_form),
        CASE(change_through_an_o_path_fd_fails_too),
        CASE(opening_for_writing_and_creating_fail),
        CASE(reading_operations_work),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
