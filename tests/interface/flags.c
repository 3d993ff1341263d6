/* SPDX-License-Identifier: MIT */
#include "../../src/platform.h"
#include "../support/operations.h"
#include "flags.h"
#include "state.h"

#include <string.h>

/* ---- flags that equal a system constant ---------------------------------------------------- */

/* A function that takes the flag cannot distinguish it from the constant. */
struct pair {
    const char *flag;
    const char *constant;
};

static const struct pair pairs[] = {
#if defined(__linux__)
    {"FDI_INHERITABLE", "RESOLVE_IN_ROOT"},
    {"FDI_NONBLOCK", "RESOLVE_CACHED"},
    {"FDI_WAIT_KEEP", "AT_REMOVEDIR"},
    {"FDI_WAIT_KEEP", "AT_EACCESS"},
    {"FDI_WAIT_KEEP", "AT_HANDLE_FID"},
    {"FDI_TARGET_IS_DIRECTORY", "AT_STATX_FORCE_SYNC"},
    {"FDI_ABOVE_STDIO", "AT_STATX_DONT_SYNC"},
#if defined(__i386__) || defined(__x86_64__) || defined(__s390x__)
    {"FDI_SPAWN_SEARCH", "O_NOFOLLOW"},
#endif
#elif defined(__APPLE__)
    {"FDI_INHERITABLE", "AT_EACCESS"},
    {"FDI_NONBLOCK", "AT_SYMLINK_NOFOLLOW"},
    {"FDI_EFFECTIVE_IDS", "AT_SYMLINK_FOLLOW"},
    {"FDI_NOFOLLOW", "AT_REMOVEDIR"},
    {"FDI_WAIT_KEEP", "AT_REALDEV"},
    {"FDI_TARGET_IS_DIRECTORY", "AT_RESOLVE_BENEATH"},
    {"FDI_ABOVE_STDIO", "AT_NODELETEBUSY"},
#elif defined(_WIN32)
    {"FDI_NOFOLLOW", "O_NOINHERIT"},
    {"FDI_NOFOLLOW", "WSA_FLAG_NO_HANDLE_INHERIT"},
#endif
    {NULL, NULL},
};

static const struct constant *find(const struct constant *constants, const char *name)
{
    while (constants->name && strcmp(constants->name, name) != 0)
        constants++;
    return constants->name ? constants : NULL;
}

/* A constant that the headers here lack hides no flag. */
void listed_pairs_collide(void **state)
{
    (void)state;
    for (const struct pair *pair = pairs; pair->flag; pair++) {
        const struct constant *flag = find(fdi_flags, pair->flag);
        const struct constant *constant = find(system_constants, pair->constant);
        assert_non_null(flag);
        if (constant && constant->value != flag->value)
            fail_msg("%s is not %s", pair->flag, pair->constant);
    }
}

static bool is_listed(const struct constant *constant)
{
    for (const struct pair *pair = pairs; pair->flag; pair++)
        if (strcmp(pair->constant, constant->name) == 0 &&
            find(fdi_flags, pair->flag)->value == constant->value)
            return true;
    return false;
}

/* ---- values -------------------------------------------------------------------------------- */

void flags_are_distinct_bits_in_their_halves(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (const struct constant *flag = fdi_flags; flag->name; flag++) {
        bool is_spawn = strncmp(flag->name, "FDI_SPAWN_", 10) == 0;
        unsigned half = is_spawn ? 0x7fff0000 : 0x0000ffff;
        if (!flag->value || (flag->value & (flag->value - 1)) || (flag->value & ~half))
            fail_msg("%s is no single bit of its half", flag->name);
        if (flag->value & seen)
            fail_msg("%s has the bit of another flag", flag->name);
        seen |= flag->value;
    }
    assert_true(seen & 0xffff);
    assert_true(seen >> 16);
}

void no_flag_has_the_value_of_a_close_on_constant(void **state)
{
    (void)state;
    for (const struct constant *flag = fdi_flags; flag->name; flag++)
        for (const struct constant *constant = close_on_constants; constant->name; constant++)
            if (flag->value == constant->value)
                fail_msg("%s is %s", flag->name, constant->name);
}

void comment_of_each_bool_mentions_the_trap(void **state)
{
    (void)state;
    if (without_trap[0])
        fail_msg("the comment of %s does not name the trap of its bool", without_trap[0]);
}

/* ---- calls --------------------------------------------------------------------------------- */

static int64_t call_with(const struct function *function, struct objects *objects, unsigned flags)
{
    if (function->call)
        return function->call(objects, flags);
    const struct operation *operation = operation_of((fdi_function)function->number);
    const char *name = operation->object == ON_NEW_NAME ? "new" : "file";
    return call_any(operation->function, fdi_path(name), flags);
}

static void assert_refused(const struct function *function, struct objects *objects,
                           const char *name, unsigned value)
{
    static struct state before, after;
    static struct outputs outputs;
    memcpy(&outputs, &objects->out, sizeof outputs);
    read_state(&before);
    errno = 0;
    int64_t result = call_with(function, objects, value);
    int error = errno;
    read_state(&after);
    if (result != -1 || error != EINVAL)
        fail_msg("%s with %s (%#x): %lld, errno %d", function->name, name, value, (long long)result,
                 error);
    if (memcmp(&outputs, &objects->out, sizeof outputs) != 0)
        fail_msg("%s with %s changed an output", function->name, name);
    assert_same_state(function->name, &before, &after);
}

/* Tries the flag alone, and together with all flags that the function takes. */
static void seccomp_refuse(const struct function *function, struct objects *objects,
                           const struct constant *constant)
{
    assert_refused(function, objects, constant->name, constant->value);
    if (!function->of_system && function->taken)
        assert_refused(function, objects, constant->name, constant->value | function->taken);
}

static void refuse_foreign(const struct function *function, struct objects *objects)
{
    for (const struct constant *flag = fdi_flags; flag->name; flag++)
        if (flag->value & ~function->taken)
            seccomp_refuse(function, objects, flag);
    for (const struct constant *constant = system_constants; constant->name; constant++)
        if (constant->value & ~function->taken)
            seccomp_refuse(function, objects, constant);
        else if (constant->value && !function->of_system && !is_listed(constant))
            fail_msg("%s takes %s", function->name, constant->name);
}

/* Support for file attributes also depends on the file system. */
static bool must_work(const struct function *function, const struct objects *objects)
{
    if (strstr(function->name, "xattr"))
        return objects->has_xattrs;
    return function->number == NO_NUMBER ||
           fdi_supports((fdi_function)function->number, FDI_FORM_PATH, 0);
}

void refuse_each_foreign(const struct function *function)
{
    struct objects objects;
    objects_open(&objects);
    refuse_foreign(function, &objects);
    if (must_work(function, &objects))
        assert_works(call_with(function, &objects, 0));
    else
        assert_fails(ENOTSUP, call_with(function, &objects, 0));
    objects_close(&objects);
}

/* ---- fdi_supports -------------------------------------------------------------------------- */

static void refuse_foreign_flag(fdi_function function, const struct constant *taken,
                                const struct constant *constant)
{
    if (!(constant->value & ~taken->value))
        return;
    for (int form = FDI_FORM_PATH; form <= FDI_FORM_FD; form++) {
        errno = 4711;
        if (fdi_supports(function, (fdi_form)form, constant->value) ||
            fdi_supports(function, (fdi_form)form, constant->value | taken->value))
            fail_msg("%s is said to take %s", taken->name, constant->name);
        assert_int_equal(errno, 4711);
    }
}

void supports_rejects_each_foreign_flag(void **state)
{
    (void)state;
    int number = 0;
    for (const struct constant *taken = flags_of_functions; taken->name; taken++, number++) {
        for (const struct constant *flag = fdi_flags; flag->name; flag++)
            refuse_foreign_flag((fdi_function)number, taken, flag);
        for (const struct constant *constant = system_constants; constant->name; constant++)
            refuse_foreign_flag((fdi_function)number, taken, constant);
    }
    assert_null(fdi_function_name((fdi_function)number));
}
