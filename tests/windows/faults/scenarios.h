/* SPDX-License-Identifier: MIT
 * One scenario for each public function in each of its forms that Windows serves. */
#ifndef FDI_TEST_FAULT_SCENARIOS_WINDOWS_H
#define FDI_TEST_FAULT_SCENARIOS_WINDOWS_H

#include <stdbool.h>
#include <stdint.h>

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

extern const struct scenario scenarios[];
extern const int scenario_count;

/* In the current directory, which is empty: a tree, and what is open in it. */
void surroundings_build(void);
/* Closes that. The tree is the caller's to remove. */
void surroundings_leave(void);

#endif
