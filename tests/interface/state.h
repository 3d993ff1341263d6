/* SPDX-License-Identifier: MIT
 * The state of this process that a rejected call must leave unchanged. */
#ifndef FDI_TEST_STATE_H
#define FDI_TEST_STATE_H

enum { STATE_SIZE = 16384 };

/* Returns the state as text: open descriptors with their flags and files, then the files below
 * the current directory with mode, size and times. It shares no code with the library. */
struct state {
    char text[STATE_SIZE];
};

void read_state(struct state *state);

/* The parts for each platform: append a line for an open fd, and for each file. */
void append_fd(int fd);
void append_files(void);
/* Appends formatted text to the state that is being read. */
void append(const char *format, ...);

/* Fails and prints the call if a line differs. */
void assert_same_state(const char *call, const struct state *before, const struct state *after);

#endif
