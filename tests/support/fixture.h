/* SPDX-License-Identifier: MIT
 * What every test program starts from: a directory of its own to be in, and the promise that a
 * case leaves the open descriptors as it found them. */
#ifndef FDI_TEST_FIXTURE_H
#define FDI_TEST_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <cmocka.h>
#include <errno.h>

/* For cmocka's setup and teardown of each case. The teardown fails the case if a descriptor was
 * left open or lost, and removes the directory. */
int fixture_setup(void **state);
int fixture_teardown(void **state);

/* A new fd of the null device, opened by the system's own call. */
int open_null(bool inheritable);

#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

/* The call failed with this errno. */
#define assert_fails(error, call)                                                                  \
    do {                                                                                           \
        errno = 0;                                                                                 \
        assert_int_equal((long long)(call), -1);                                                   \
        assert_int_equal(errno, error);                                                            \
    } while (0)

/* The call succeeded and left errno alone. */
#define assert_works(call)                                                                         \
    do {                                                                                           \
        errno = 4711;                                                                              \
        assert_true((long long)(call) >= 0);                                                       \
        assert_int_equal(errno, 4711);                                                             \
    } while (0)

#endif
