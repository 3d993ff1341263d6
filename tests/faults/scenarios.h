/* SPDX-License-Identifier: MIT
 * Scenarios: each calls one public function in one of its forms. */
#ifndef FDI_TEST_SCENARIOS_H
#define FDI_TEST_SCENARIOS_H

#include "effect.h"
#include "fdinherit.h"
#include "injector.h"

#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

/* Each scenario starts in a new directory with a file, a symlink, a fifo and a directory, which
 * contains another directory. These descriptors are open. */
struct surroundings {
    int file;          /* "file", with O_RDWR */
    int directory;     /* "dir" */
    int here;          /* the current directory */
    int reached;       /* "file", with O_PATH */
    int reached_link;  /* "link", with O_PATH and O_NOFOLLOW */
    int inheritable;   /* an inheritable descriptor */
    int connection[2]; /* a pair of sockets */
    int listener;      /* a listening socket with one pending connection */
};

extern struct surroundings around;

/* Results of operations. The harness compares them with those of an undisturbed call. */
struct answers {
    char buffer[256];
    struct fdi_stat status;
    struct fdi_statvfs filesystem;
};

extern struct answers answers;

struct scenario {
    const char *name;
    /* Calls the function between injector_begin and injector_end, and returns its result. Notes
     * and undoes the effects of a successful call, except in the tree. */
    int64_t (*act)(void);
    /* The function undoes its own changes by system calls that may fail as well. */
    bool puts_back;
    int error; /* the errno of an undisturbed call; 0 if it succeeds */
    /* The system calls that the program `calls` compares, each with a space after it. NULL in the
     * tables that the program does not read. The program ignores calls for memory and randomness,
     * because the C library chooses them.
     *
     * The number of open descriptors decides how often a walk makes each call. A plus starts such a
     * row, which has each call once, in any order. */
    const char *calls;
    long newest;       /* the newest of the calls; 0 if every kernel has all */
    const char *older; /* the calls on a kernel that lacks it */
};

extern const struct scenario scenarios[];
extern const int scenario_count;

/* Functions with absolute paths, and functions without a system call. */
extern const struct scenario absolutes[];
extern const int absolute_count;

/* Functions that create descriptors. */
extern const struct scenario creators[];
extern const int creator_count;

/* Functions that start children or wait for them. */
extern const struct scenario children[];
extern const int children_count;
/* Prepares a program to search for in `directory`, which becomes the PATH. */
void children_begin(const char *directory);
/* The child stores a description of itself in the directory `tree`. */
int child_report(const char *tree);

void surroundings_build(void);
/* Adds the answers to the description of the effect. */
void answers_note(void);

/* Defines a scenario that counts only the call under test. */
#define ACT(name, call)                                                                            \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        int64_t result = (int64_t)(call);                                                          \
        injector_end();                                                                            \
        return result;                                                                             \
    }

/* Defines a scenario that also closes the resulting descriptor. */
#define ACT_FD(name, call)                                                                         \
    static int64_t name(void)                                                                      \
    {                                                                                              \
        injector_begin();                                                                          \
        int result = (int)(call);                                                                  \
        injector_end();                                                                            \
        if (result >= 0) {                                                                         \
            effect_note_fd("made", result);                                                        \
            close(result);                                                                         \
        }                                                                                          \
        return result;                                                                             \
    }

/* A row of a table of scenarios: ROW(name, .member = value...). */
#define ROW(name, ...)                                                                             \
    {                                                                                              \
#name, name, __VA_ARGS__                                                                   \
    }

#endif
