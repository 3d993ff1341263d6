/* SPDX-License-Identifier: MIT
 * Every function rejects an invalid target. The test compares all combinations of a small domain
 * with a second copy of the rule. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "../src/target.h"
#include "fdinherit.h"

#include <limits.h>
#include <string.h>

/* ---- the rule, as the manual states it ---- */

enum { FD = 1, NOFOLLOW = 2, EFFECTIVE = 4, DIRECTORY = 8, ABOVE = 16, SPAWN = 32 };

static const struct {
    const char *name;
    int forms;
} manual[] = {
    {"access", FD | NOFOLLOW | EFFECTIVE},
    {"chdir", FD},
    {"chflags", FD | NOFOLLOW},
    {"chmod", FD | NOFOLLOW},
    {"chown", FD | NOFOLLOW},
    {"execve", FD},
    {"getxattr", FD | NOFOLLOW},
    {"setxattr", FD | NOFOLLOW},
    {"listxattr", FD | NOFOLLOW},
    {"removexattr", FD | NOFOLLOW},
    {"link", FD | NOFOLLOW},
    {"mkdir", 0},
    {"mkfifo", 0},
    {"mknod", 0},
    {"open", FD | NOFOLLOW},
    {"pathconf", FD},
    {"readlink", FD},
    {"rename", 0},
    {"rmdir", 0},
    {"opendir", FD},
    {"stat", FD | NOFOLLOW},
    {"statvfs", FD},
    {"symlink", DIRECTORY},
    {"truncate", FD},
    {"unlink", 0},
    {"utime", FD | NOFOLLOW},
    {"fopen", FD | ABOVE},
    {"mkstemp", FD},
    {"spawn", FD | SPAWN},
};
enum { FUNCTIONS = sizeof manual / sizeof manual[0] };

static int forms_of(fdi_function function)
{
    for (int i = 0; i < FUNCTIONS; i++)
        if (strcmp(manual[i].name, fdi_function_name(function)) == 0)
            return manual[i].forms;
    fail_msg("%s is not in the manual", fdi_function_name(function));
    return 0;
}

static bool has_unknown_flag(int forms, unsigned flags)
{
    if (forms & NOFOLLOW)
        flags &= ~0x80U;
    if (forms & EFFECTIVE)
        flags &= ~0x40U;
    if (forms & DIRECTORY)
        flags &= ~0x2000U;
    if (forms & ABOVE)
        flags &= ~0x4000U;
    if (forms & SPAWN)
        flags &= ~0x6A60000U;
    return flags != 0;
}

static int rule(fdi_function function, fdi_target target, unsigned flags)
{
    int forms = forms_of(function);
    bool fd_given = target.form == FDI_FORM_FD;
    if (has_unknown_flag(forms, flags))
        return EINVAL;
    if (!fd_given)
        return target.path ? 0 : EINVAL;
    if (flags & 0x80U)
        return EINVAL;
    if (!(forms & FD))
        return EINVAL;
    return target.fd < 0 ? EBADF : 0;
}

/* ---- the domain ---- */

static const char *const paths[] = {NULL, "", "x"};
static const int fds[] = {INT_MIN, FDI_AT_FDCWD, -2, -1, 0, 5, INT_MAX};
static const unsigned flag_sets[] = {
    0,    0x80,   0x40,   0xC0,      0x2000, 0x2080,     0x2040,    0x20C0, 0x10,
    0x20, 0x4000, 0x4080, 0x6A60000, 0x200,  0x80000000, ~0x20C0U,  1,      2,
    4,    8,      0x100,  0x20000,   0x400,  0x80000,    0x4000000,
};
#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

/* The targets from the public constructors, an unset target, and one with an unknown form. */
enum { MAKERS = 5, TARGETS = LENGTH(paths) * LENGTH(fds) * MAKERS };

static fdi_target target_number(size_t number)
{
    const char *path = paths[number % LENGTH(paths)];
    int fd = fds[number / LENGTH(paths) % LENGTH(fds)];
    switch (number / LENGTH(paths) / LENGTH(fds)) {
    case 0:
        return fdi_path(path);
    case 1:
        return fdi_path_at(fd, path);
    case 2:
        return fdi_fd(fd);
    case 3:
        return (fdi_target){NULL, fd, 4};
    default:
        return (fdi_target){NULL, fd, 0};
    }
}

static void check_one(fdi_function function, fdi_target target, unsigned flags)
{
    errno = 4711;
    int result = fdi__check(function, target, flags);
    int said = result == 0 ? 0 : errno;
    int right = rule(function, target, flags);
    if (said != right || (result == 0 && errno != 4711) || (result != 0 && result != -1))
        fail_msg("%s of {%s, %d, %d} with %#x: %d, not %d", fdi_function_name(function),
                 target.path ? target.path : "NULL", target.fd, (int)target.form, flags, said,
                 right);
}

static void every_target_follows_the_rule_of_the_manual(void **state)
{
    (void)state;
    int judged = 0;
    for (int function = 0; function < FUNCTIONS; function++)
        for (size_t number = 0; number < TARGETS; number++)
            for (size_t i = 0; i < LENGTH(flag_sets); i++, judged++)
                check_one((fdi_function)function, target_number(number), flag_sets[i]);
    assert_int_equal(judged, FUNCTIONS * (int)TARGETS * (int)LENGTH(flag_sets));
}

/* ---- each function checks its target first ---- */

static const fdi_target good = {"missing/one", FDI_AT_FDCWD, FDI_FORM_PATH};
static char text[8];
static char blank[] = "XXXXXX";
static char *no_arguments[] = {text, NULL};
static struct fdi_stat status;
static struct fdi_statvfs filesystem;

static int start(fdi_target program, unsigned flags)
{
    fdi_process process;
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = program;
    options.argv = no_arguments;
    options.flags = flags;
    return fdi_spawn(&process, &options);
}

#define ASK(name, call)                                                                            \
    static int64_t ask_##name(fdi_target target, unsigned flags)                                   \
    {                                                                                              \
        (void)flags;                                                                               \
        return (int64_t)(call);                                                                    \
    }

ASK(access, fdi_access(target, 0, flags))
ASK(chdir, fdi_chdir(target))
ASK(chflags, fdi_chflags(target, 0, flags))
ASK(chmod, fdi_chmod(target, 0600, flags))
ASK(chown, fdi_chown(target, UINT32_MAX, UINT32_MAX, flags))
ASK(execve, fdi_execve(target, no_arguments, NULL))
ASK(getxattr, fdi_getxattr(target, "user.x", text, sizeof text, flags))
ASK(setxattr, fdi_setxattr(target, "user.x", text, 1, 0, flags))
ASK(listxattr, fdi_listxattr(target, text, sizeof text, flags))
ASK(removexattr, fdi_removexattr(target, "user.x", flags))
ASK(link, fdi_link(target, good, flags))
ASK(mkdir, fdi_mkdir(target, 0700))
ASK(mkfifo, fdi_mkfifo(target, 0600))
ASK(mknod, fdi_mknod(target, 0100600, 0))
ASK(open, fdi_open(target, 0, 0))
ASK(pathconf, fdi_pathconf(target, 0))
ASK(readlink, fdi_readlink(target, text, sizeof text))
ASK(rename, fdi_rename(target, good, flags))
ASK(rmdir, fdi_rmdir(target))
ASK(opendir, fdi_opendir(target) ? 0 : -1)
ASK(stat, fdi_stat(target, &status, flags))
ASK(statvfs, fdi_statvfs(target, &filesystem))
ASK(symlink, fdi_symlink("x", target, flags))
ASK(truncate, fdi_truncate(target, 0))
ASK(unlink, fdi_unlink(target))
ASK(utime, fdi_utime(target, NULL, flags))

ASK(fopen, fdi_fopen(target, "r", flags) ? 0 : -1)
ASK(mkstemp, fdi_mkstemp(target, blank, 0, 0))
ASK(spawn, start(target, flags))

static int64_t (*const ask[FUNCTIONS])(fdi_target target, unsigned flags) = {
    [FDI_FN_ACCESS] = ask_access,       [FDI_FN_CHDIR] = ask_chdir,
    [FDI_FN_CHFLAGS] = ask_chflags,     [FDI_FN_CHMOD] = ask_chmod,
    [FDI_FN_CHOWN] = ask_chown,         [FDI_FN_EXECVE] = ask_execve,
    [FDI_FN_GETXATTR] = ask_getxattr,   [FDI_FN_SETXATTR] = ask_setxattr,
    [FDI_FN_LISTXATTR] = ask_listxattr, [FDI_FN_REMOVEXATTR] = ask_removexattr,
    [FDI_FN_LINK] = ask_link,           [FDI_FN_MKDIR] = ask_mkdir,
    [FDI_FN_MKFIFO] = ask_mkfifo,       [FDI_FN_MKNOD] = ask_mknod,
    [FDI_FN_OPEN] = ask_open,           [FDI_FN_PATHCONF] = ask_pathconf,
    [FDI_FN_READLINK] = ask_readlink,   [FDI_FN_RENAME] = ask_rename,
    [FDI_FN_RMDIR] = ask_rmdir,         [FDI_FN_OPENDIR] = ask_opendir,
    [FDI_FN_STAT] = ask_stat,           [FDI_FN_STATVFS] = ask_statvfs,
    [FDI_FN_SYMLINK] = ask_symlink,     [FDI_FN_TRUNCATE] = ask_truncate,
    [FDI_FN_UNLINK] = ask_unlink,       [FDI_FN_UTIME] = ask_utime,
    [FDI_FN_FOPEN] = ask_fopen,         [FDI_FN_MKSTEMP] = ask_mkstemp,
    [FDI_FN_SPAWN] = ask_spawn,
};

/* These functions take flags as an argument. fdi_open uses O_NOFOLLOW. */
static bool takes_flags(fdi_function function)
{
    const int with_flags = NOFOLLOW | DIRECTORY | ABOVE | SPAWN;
    if (function == FDI_FN_RENAME)
        return true;
    return (forms_of(function) & with_flags) && function != FDI_FN_OPEN;
}

static void every_function_rejects_each_invalid_target(void **state)
{
    (void)state;
    int refused = 0;
    for (int i = 0; i < FUNCTIONS * (int)TARGETS * (int)LENGTH(flag_sets); i++) {
        fdi_function function = (fdi_function)(i % FUNCTIONS);
        fdi_target target = target_number((size_t)(i / FUNCTIONS) % TARGETS);
        unsigned flags = flag_sets[(size_t)i / FUNCTIONS / TARGETS];
        int right = rule(function, target, flags);
        if (right == 0 || (flags != 0 && !takes_flags(function)))
            continue;
        assert_fails(right, ask[function](target, flags));
        refused++;
    }
    assert_true(refused > 5000);
}

static void second_target_is_checked_too(void **state)
{
    (void)state;
    for (size_t number = 0; number < TARGETS; number++) {
        fdi_target target = target_number(number);
        int right = rule(FDI_FN_RENAME, target, 0);
        if (right == 0)
            continue;
        assert_fails(right, fdi_rename(good, target, 0));
        assert_fails(right, fdi_link(good, target, 0));
    }
}

static void assert_target(fdi_target target, const char *path, int fd, fdi_form form)
{
    assert_ptr_equal(target.path, path);
    assert_int_equal(target.fd, fd);
    assert_int_equal(target.form, form);
}

static void targets_hold_their_constructor_arguments(void **state)
{
    (void)state;
    assert_target(fdi_path(text), text, FDI_AT_FDCWD, FDI_FORM_PATH);
    assert_target(fdi_path(NULL), NULL, FDI_AT_FDCWD, FDI_FORM_PATH);
    for (size_t i = 0; i < LENGTH(fds); i++) {
        assert_target(fdi_path_at(fds[i], text), text, fds[i], FDI_FORM_DIR_FD);
        assert_target(fdi_path_at(fds[i], NULL), NULL, fds[i], FDI_FORM_DIR_FD);
        assert_target(fdi_fd(fds[i]), NULL, fds[i], FDI_FORM_FD);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(every_target_follows_the_rule_of_the_manual),
        CASE(every_function_rejects_each_invalid_target),
        CASE(second_target_is_checked_too),
        CASE(targets_hold_their_constructor_arguments),
    };
    return cmocka_run_group_tests_name("target", cases, NULL, NULL);
}
