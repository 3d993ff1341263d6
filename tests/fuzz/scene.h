/* SPDX-License-Identifier: MIT
 * A small tree of files, made anew for each input, and arguments that stay in it. */
#ifndef FDI_TEST_SCENE_H
#define FDI_TEST_SCENE_H

#include "fdinherit.h"
#include "input.h"

struct scene {
    int file;      /* "file", for reading and writing */
    int directory; /* "dir" */
    int reached;   /* "dir/inner", by O_PATH */
    int link;      /* "link", by O_PATH */
    int pair[2];   /* connected sockets */
    int fifo;      /* "fifo", both ends */
};
extern struct scene scene;

void scene_begin(void);
void scene_build(void);
void scene_return(void); /* to the top of the tree */
void scene_remove(void);

/* One of the descriptors of the tree, or a number that none can have. */
int take_fd(struct input *input);
/* A name of the tree or any bytes, but relative and without ".."; NULL at times. */
const char *take_path(struct input *input);
/* A target of any form, also one that makes no sense. */
fdi_target take_target(struct input *input);

/* Opens both ends of a new fifo, until the tree is removed. */
bool hold_fifo(fdi_target target);

/* A message with some descriptors, for scene.pair[1]. */
bool send_fds(struct input *input);
void empty_pair(void);

/* A bit for each number, for once in an input; those of hold_fifo are not among them. And the number
 * that the next descriptor has, which is asked for after each call: it shows what was left or lost
 * below it, and takes two system calls. */
uint64_t open_fds(void);
int next_fd(void);

#endif
