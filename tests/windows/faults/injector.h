/* SPDX-License-Identifier: MIT
 * Makes one Windows call fail, chosen by its number among the recorded calls. */
#ifndef FDI_TEST_INJECTOR_WINDOWS_H
#define FDI_TEST_INJECTOR_WINDOWS_H

#include <stdbool.h>

/* The way in which a call reports its error. */
enum kind { LAST_ERROR, STATUS, WINSOCK, RUN_TIME, MEMORY };

struct injection {
    int at;     /* the number of the call that fails, from 1; 0: none */
    long code;  /* GetLastError, NTSTATUS, WSAGetLastError or errno */
    bool later; /* and all calls after it of the same function */
    bool kills; /* the call ends this process instead */
};

/* The exit status of a process that an injection killed. */
enum { INJECTOR_KILLED = 99 };

/* Sets the injection and forgets the recorded calls. */
void injector_start(struct injection injection);
/* Calls are recorded between these two. */
void injector_begin(void);
void injector_end(void);

/* The number of recorded calls, and the kind and name of one of them. */
int injector_calls(void);
enum kind injector_kind(int number);
const char *injector_name(int number);
/* Returns true if a call was made to fail. */
bool injector_did(void);
/* The number of allocations of the library and the test that are not freed. */
int injector_allocated(void);

#endif
