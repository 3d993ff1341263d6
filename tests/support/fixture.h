/* SPDX-License-Identifier: MIT
 * The environment of every test case: a new current directory, and a check that the case leaves
 * the open descriptors unchanged. */
#ifndef FDI_TEST_FIXTURE_H
#define FDI_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>
#include <errno.h>

/* Setup and teardown for cmocka. The teardown fails the case if a descriptor leaked or was lost,
 * and removes the directory. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* Returns a new fd of the null device, opened without the library. */
int open_null(bool inheritable);

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* Asserts that the call fails with this errno. */
#define assert_fails(error, call)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        assert_int_equal((long long)(call), -1);                                                   \
        assert_int_equal(errno, error);                                                            \
    } while (0)

/* Asserts that the call succeeds and leaves errno unchanged. */
#define assert_works(call)                                                                         \
    do {                                                                                           \
        errno = 4711;                                                                              \
        assert_true((long long)(call) >= 0);                                                       \
        assert_int_equal(errno, 4711);                                                             \
    } while (0)

#endif
