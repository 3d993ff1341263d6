/* SPDX-License-Identifier: MIT
 * The state of this process that a refused call must leave alone. */
#ifndef FDI_TEST_STATE_H
#define FDI_TEST_STATE_H

enum { STATE_SIZE = 16384 };

/* Open descriptors with their flags and files, then the files below the current directory with
 * mode, size and times, as text. It asks the system and shares no code with the library. */
struct state {
    char text[STATE_SIZE];
};

void read_state(struct state *state);

/* Fails and names the call if a line differs. */
void assert_same_state(const char *call, const struct state *before, const struct state *after);

#endif
