/* SPDX-License-Identifier: MIT
 * Every function rejects an invalid target. The test compares all combinations of a small domain
 * with a second copy of the rule, and with the flags and forms of operations.c. */
#include "../src/platform.h"
#include "support/files.h"
#include "../src/target.h"
#include "fdinherit.h"

#include <limits.h>
#include <string.h>

/* ---- the rule, as the manual states it ---- */

static int rule(fdi_function function, fdi_target target, unsigned flags)
{
    const struct operation *operation = operation_of(function);
    bool fd_given = target.form == FDI_FORM_FD;
    if (flags & ~operation->flags)
        return EINVAL;
    if (!fd_given)
        return target.path ? 0 : EINVAL;
    if (flags & 0x80U)
        return EINVAL;
    if (operation->targets != BY_NAME_OR_FD)
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
    int functions = 0;
    for (int function = 0; function < contract_size; function++) {
        if (!takes_target((fdi_function)function))
            continue;
        functions++;
        for (size_t number = 0; number < TARGETS; number++)
            for (size_t i = 0; i < LENGTH(flag_sets); i++, judged++)
                check_one((fdi_function)function, target_number(number), flag_sets[i]);
    }
    assert_int_equal(judged, functions * (int)TARGETS * (int)LENGTH(flag_sets));
}

/* ---- each function checks its target first ---- */

static const fdi_target good = {"missing/one", FDI_AT_FDCWD, FDI_FORM_PATH};

static int count_refused(fdi_function function)
{
    int refused = 0;
    for (size_t i = 0; i < TARGETS * LENGTH(flag_sets); i++) {
        fdi_target target = target_number(i % TARGETS);
        unsigned flags = flag_sets[i / TARGETS];
        int right = rule(function, target, flags);
        if (right == 0 || (flags != 0 && !takes_flags(function)))
            continue;
        assert_fails(right, call_any(function, target, flags));
        refused++;
    }
    return refused;
}

static void every_function_rejects_each_invalid_target(void **state)
{
    (void)state;
    int refused = 0;
    for (int i = 0; i < contract_size; i++)
        if (takes_target((fdi_function)i))
            refused += count_refused((fdi_function)i);
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
        for (int i = 0; i < contract_size; i++)
            if (takes(&contract[i], TAKES_TO))
                assert_fails(right, call_between(contract[i].function, good, target, 0));
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
    static const char text[] = "x";
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
