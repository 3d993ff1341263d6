/* SPDX-License-Identifier: MIT
 * The inheritable flag, proved by children. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "fdinherit.h"

#include <unistd.h>

static void child_receives_what_is_inheritable_and_nothing_else(void **state)
{
    (void)state;
    int given = open_null(false);
    int kept = open_null(true);
    assert_works(fdi_set_inheritable(given, true));
    assert_works(fdi_set_inheritable(kept, false));
    assert_true(child_has(given));
    assert_false(child_has(kept));
    close(given);
    close(kept);
}

static void closed_fd_is_ebadf(void **state)
{
    (void)state;
    assert_fails(EBADF, fdi_get_inheritable(4000));
    assert_fails(EBADF, fdi_set_inheritable(4000, true));
    assert_fails(EBADF, fdi_set_inheritable(-1, false));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(child_receives_what_is_inheritable_and_nothing_else),
        CASE(closed_fd_is_ebadf),
    };
    return cmocka_run_group_tests_name("inherit", cases, NULL, NULL);
}
