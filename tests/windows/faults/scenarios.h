/* SPDX-License-Identifier: MIT
 * One scenario for each public function and form that Windows supports. */
#ifndef FDI_TEST_FAULT_SCENARIOS_WINDOWS_H
#define FDI_TEST_FAULT_SCENARIOS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <winsock2.h>

#include <windows.h>

/* The value of errno before a call. */
enum { UNTOUCHED = 4711 };

struct scenario {
    const char *name;
    /* Makes the call between injector_begin and injector_end and returns its result. Undoes the
     * effect of a successful call, except for changes of the tree. */
    int64_t (*act)(void);
    /* The call that undoes earlier changes after a failure. If it fails too, the changes remain. */
    const char *undo;
    bool undo_only; /* the function makes this call for no other purpose */
};

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name, NULL, false                                                                   \
    }

extern const struct scenario scenarios[];
extern const int scenario_count;
/* Defined in children.c. */
extern const struct scenario child_scenarios[];
extern const int child_scenario_count;

/* ---- for the files of scenarios ------------------------------------------------------------- */

extern struct surroundings {
    int file;        /* "file", for reading and writing */
    int directory;   /* "dir" */
    int inheritable; /* a second fd of "file" */
    int appending;   /* a third, which appends */
    WCHAR start[MAX_PATH];
} around;

#define EMPTY_AT fdi_path_at(around.directory, "empty")

static inline void must(int64_t result)
{
    if (result < 0)
        abort();
}

/* Records only the call under test. */
#define MARKED(type, call)                                                                         \
    injector_begin();                                                                              \
    type result = call;                                                                            \
    injector_end()

/* Creates a tree in the empty current directory and opens its files. */
void surroundings_build(void);
/* Closes the files. The caller removes the tree. */
void surroundings_leave(void);

#endif
