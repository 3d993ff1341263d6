/* SPDX-License-Identifier: MIT
 * Files, descriptors and a child for each act to work on. */
#ifndef FDI_TEST_PLACE_H
#define FDI_TEST_PLACE_H

#include "fdinherit.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

struct place {
    int file;         /* "file", for reading and writing */
    int inheritable;  /* the same file, inheritable */
    int directory;    /* "dir" */
    int here;         /* the directory that contains all of them */
    int reached;      /* "file", by O_PATH on platforms that have it */
    int reached_link; /* "link" itself */
    int bin;          /* "/bin" */
    int shell;        /* "/bin/sh" */
    int pair[2];      /* sockets; the second has a message with two descriptors */
    int listener;     /* a socket with one client waiting */
    int client;
    char absolute[512]; /* the path of "file" */
    fdi_process child;  /* of place_end_child or place_start_child */
};

extern struct place place;

/* Fills the current directory and opens the descriptors. */
void place_build(void);
/* Closes every descriptor of the place, and reaps its child. */
void place_clear(void);

/* Adds a child that runs on, or one that has ended. */
void place_start_child(void);
void place_end_child(void);
/* Adds descriptors, so that the listing reads procfs, or queries each number. */
void place_spread(void);
void place_crowd(void);

/* Describes the files and the open descriptors. The caller frees the text. */
char *place_describe(void);

/* Sends "hello" and two descriptors to the second socket of the pair. */
void place_send(void);
/* Connects one more client, and returns its descriptor. */
int place_connect(void);

#endif
