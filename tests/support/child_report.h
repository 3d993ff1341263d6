/* SPDX-License-Identifier: MIT
 * Starts the program report_child by fdi_spawn and reads its report. */
#ifndef FDI_TEST_CHILD_REPORT_H
#define FDI_TEST_CHILD_REPORT_H

#include "fdinherit.h"

enum { REPORT_FDS = 256 };

struct child_report {
    int64_t status; /* by fdi_wait */
    int count;
    struct {
        int fd;
        unsigned long long ino;
        int flags;
    } fds[REPORT_FDS];
    uint64_t blocked; /* bit n - 1 for signal n */
    uint64_t ignored;
    uint64_t streams; /* Windows: bit n if standard handle n is valid */
    uint64_t text;    /* Windows: bit n if fd n is in text mode */
    int inherited;    /* handles that the child received from Windows; -1 on POSIX */
    char cwd[512];
    long pid;
    long session;
    long group;
    int arg_count;
    char args[8][128];
    char variable[64];
};

/* Returns options that start the program report_child by its path, with arguments that make it report
 * here. */
fdi_spawn_options report_options(void);

/* Starts the child with these options and waits. Returns 0, or -1 with the errno of fdi_spawn. */
int spawn_report(const fdi_spawn_options *options, struct child_report *report);

/* Returns options for the program try_stdio, which exits with a bit for each of 0 to 2 that is
 * the null device, open both ways. With `wait` it reads its stdin to the end and exits with 7. */
fdi_spawn_options try_stdio_options(bool wait);

/* Reports whether a child with these options has exactly the descriptors of `expected`,
 * inheritable, each with the caller's file. */
bool child_has_expected(const fdi_spawn_options *options, const fdi_fd_map *expected, size_t count);

/* The same for a child that receives `fds` alone, without 0 to 2. */
bool child_has_exactly(const fdi_fd_map *fds, size_t count);

/* Open a file of this name for writing as `number`, or as the lowest free number if that is
 * negative; a directory; a program. None is inheritable. */
int open_file(const char *name, int number);
int open_folder(const char *name);
int open_program(const char *path);

void make_directory(const char *name);

/* Returns the path of `name` in the current directory, as the child would report it. */
void here_and(const char *name, char *path);

/* Changes this process's environment; NULL removes the variable. */
void set_variable(const char *name, const char *value);

/* Identifies the file that is open as `fd`. */
unsigned long long identity_of(int fd);

/* Reads the report of a child that was started and reaped by other means. */
void read_report(struct child_report *report);

#endif
