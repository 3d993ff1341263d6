/* SPDX-License-Identifier: MIT
 * One scenario for each public function in each of its forms. */
#ifndef FDI_TEST_SCENARIOS_H
#define FDI_TEST_SCENARIOS_H

#include "injector.h"

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* What stands ready: a directory to be in, with a file, a directory that holds one more, a symlink
 * and a fifo; and these descriptors. */
struct surroundings {
    int file;          /* "file", for reading and writing */
    int directory;     /* "dir" */
    int here;          /* the directory itself */
    int reached;       /* "file", by O_PATH */
    int reached_link;  /* "link", by O_PATH and O_NOFOLLOW */
    int inheritable;   /* a descriptor that is */
    int connection[2]; /* a pair of sockets */
    int listener;      /* a socket with a connection waiting */
};

extern struct surroundings around;

struct scenario {
    const char *name;
    /* Makes the call between injector_begin and injector_end and answers as it did. What it made
     * when it succeeded is undone, but for the tree. */
    int64_t (*act)(void);
    /* Undoes what it did before a failure by the calls that may have failed. */
    bool puts_back;
};

extern const struct scenario scenarios[];
extern const int scenario_count;

/* By absolute paths, and what makes no call. */
extern const struct scenario absolutes[];
extern const int absolute_count;

/* Those that make descriptors. */
extern const struct scenario creators[];
extern const int creator_count;

/* Those that start children. */
extern const struct scenario children[];
extern const int children_count;

void surroundings_build(void);

/* The call under test, and nothing else, between the marks. */
#define ACT(name, call)                                                                            \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        int64_t result = (int64_t)(call);                                                          \
        injector_end();                                                                            \
        return result;                                                                             \
    }

/* ... whose result is a descriptor to be closed. */
#define ACT_FD(name, call)                                                                         \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        int result = (int)(call);                                                                  \
        injector_end();                                                                            \
        if (result >= 0)                                                                           \
            close(result);                                                                         \
        return result;                                                                             \
    }

#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name, false                                                                         \
    }
#define ROW_PUTS_BACK(name)                                                                        \
    {                                                                                              \
#name, name, true                                                                          \
    }

#endif
