/* SPDX-License-Identifier: MIT
 * Lets a call of the system fail: the first, the second, ... that is made while it looks. */
#ifndef FDI_TEST_INJECTOR_WINDOWS_H
#define FDI_TEST_INJECTOR_WINDOWS_H

#include <stdbool.h>

/* How a call says that it failed. */
enum kind { LAST_ERROR, STATUS, WINSOCK, RUN_TIME, MEMORY };

struct injection {
    int at;     /* the number of the call that fails, from 1; 0: none */
    long code;  /* GetLastError, NTSTATUS, WSAGetLastError or errno */
    bool later; /* and all calls after it of the same function */
};

/* Starts to look; what was seen before is forgotten. */
void injector_start(struct injection injection);
/* Between these the calls count. */
void injector_begin(void);
void injector_end(void);

/* How many there were, and of which kind and name the one with this number was. */
int injector_calls(void);
enum kind injector_kind(int number);
const char *injector_name(int number);
/* Whether a call was made to fail. */
bool injector_did(void);
/* What was allocated and not freed, by the library and the test. */
int injector_allocated(void);

#endif
