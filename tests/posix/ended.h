/* SPDX-License-Identifier: MIT
 * Waits for the end of a child of fdi_spawn. */
#ifndef FDI_TEST_ENDED_H
#define FDI_TEST_ENDED_H

#include "../support/fixture.h"
#include "fdinherit.h"

/* Waits until the child has ended and returns its status. The wait must succeed, leave errno
 * unchanged and give up the child. */
static inline int64_t status_at_end(fdi_process *process)
{
    int64_t status = INT64_MIN;
    errno = 4711;
    assert_int_equal(fdi_wait(process, &status, -1, 0), 1);
    assert_int_equal(errno, 4711);
    assert_int_equal(*process, FDI_NO_PROCESS);
    return status;
}

#endif
