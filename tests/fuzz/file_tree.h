/* SPDX-License-Identifier: MIT
 * Builds a small tree of files for each input, and generates arguments that stay inside it. */
#ifndef FDI_TEST_SCENE_H
#define FDI_TEST_SCENE_H

#include "fdinherit.h"
#include "input.h"

struct file_tree {
    int file;      /* "file", with O_RDWR */
    int directory; /* "dir" */
    int reached;   /* "dir/inner", with O_PATH */
    int link;      /* "link", with O_PATH */
    int pair[2];   /* connected sockets */
    int fifo;      /* "fifo", both ends */
};
extern struct file_tree tree;

void file_tree_begin(void);
void file_tree_build(void);
void file_tree_return(void); /* changes to the top of the tree */
void file_tree_remove(void);

/* Returns a descriptor of the tree, or a number that is never open. */
int take_fd(struct input *input);
/* Returns a name in the tree, any relative path without "..", or NULL. */
const char *take_path(struct input *input);
/* Returns a target of any form, including invalid ones. */
fdi_target take_target(struct input *input);

/* Opens both ends of a new fifo until file_tree_remove. */
bool hold_fifo(fdi_target target);

/* Sends a message with up to four descriptors to tree.pair[1]. */
bool send_fds(struct input *input);
void empty_pair(void);

/* Returns a bit for each open number, except those of hold_fifo. It is slow, so it runs once per
 * input. */
uint64_t open_fds(void);
/* Returns the number of the next descriptor. Two system calls show after each call whether a
 * descriptor below it leaked or was lost. */
int next_fd(void);

#endif
