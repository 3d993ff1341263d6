/* SPDX-License-Identifier: MIT
 * One scenario for each public function in each of its forms that Windows serves. */
#ifndef FDI_TEST_FAULT_SCENARIOS_WINDOWS_H
#define FDI_TEST_FAULT_SCENARIOS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <winsock2.h>

#include <windows.h>

/* errno before a call. */
enum { UNTOUCHED = 4711 };

struct scenario {
    const char *name;
    /* Makes the call between injector_begin and injector_end and answers as it did. What it made
     * when it succeeded is undone, but for the tree. */
    int64_t (*act)(void);
    /* The call by which it undoes what it did before a failure; where that fails too, it cannot. */
    const char *undo;
    bool undo_only; /* it has no other use there */
};

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name, NULL, false                                                                   \
    }

extern const struct scenario scenarios[];
extern const int scenario_count;
/* Those of children.c. */
extern const struct scenario child_scenarios[];
extern const int child_scenario_count;

/* ---- for the files of scenarios ------------------------------------------------------------- */

extern struct surroundings {
    int file;        /* "file", for reading and writing */
    int directory;   /* "dir" */
    int inheritable; /* "file" again */
    int appending;   /* and once more, for writing at the end */
    WCHAR start[MAX_PATH];
} around;

#define EMPTY_AT fdi_path_at(around.directory, "empty")

static inline void must(int64_t result)
{
    if (result < 0)
        abort();
}

/* The call under test, and nothing else, between the marks. */
#define MARKED(type, call)                                                                         \
    injector_begin();                                                                              \
    type result = call;                                                                            \
    injector_end()

/* In the current directory, which is empty: a tree, and what is open in it. */
void surroundings_build(void);
/* Closes that. The tree is the caller's to remove. */
void surroundings_leave(void);

#endif
