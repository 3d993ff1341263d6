/* SPDX-License-Identifier: MIT
 * Describes what a successful call did, in words that are the same in every run. */
#ifndef FDI_TEST_EFFECT_H
#define FDI_TEST_EFFECT_H

#include <sys/stat.h>
#include <time.h>

/* Starts a new description. */
void effect_begin(void);

/* These functions add to the description and preserve errno. */
__attribute__((format(printf, 1, 2))) void effect_note(const char *format, ...);
/* Adds the number, the flags and the file of an open descriptor. */
void effect_note_fd(const char *label, int fd);
/* Adds every open descriptor, and every file of the tree with its attributes and content. */
void effect_note_descriptors(void);
void effect_note_tree(void);

void effect_note_time(const char *label, struct timespec time);

/* Returns the name in the tree of a file with this device and inode number. */
const char *effect_file_name(const struct stat *wanted);
const char *effect_text(void);

#endif
