/* SPDX-License-Identifier: MIT
 * Generates arguments, and declares the calls that other files define. */
#ifndef FDI_TEST_ARGUMENTS_H
#define FDI_TEST_ARGUMENTS_H

#include "fdinherit.h"
#include "input.h"

enum { UNTOUCHED = 4711 };

/* Allocates exactly the size that the call receives, so that AddressSanitizer reports any
 * overrun. */
void *take_room(struct input *input, size_t *size);
/* Combines the three flags by the three lowest bits, or returns any single bit. */
unsigned flags_of(unsigned byte, int first, int second, int third);
unsigned take_flags(struct input *input);
unsigned take_new_flags(struct input *input);
unsigned take_spawn_flags(struct input *input);
int64_t take_number(struct input *input);
unsigned take_mode(struct input *input);

int64_t try_open(struct input *input);
int64_t try_fopen(struct input *input);
int64_t try_mkstemp(struct input *input);
int64_t try_memfd(struct input *input);
int64_t try_dup(struct input *input);
int64_t try_dup2(struct input *input);
int64_t try_pair(struct input *input);
int64_t try_socket(struct input *input);
int64_t try_accept(struct input *input);
int64_t try_above(struct input *input);
int64_t try_recv(struct input *input);
int64_t try_set(struct input *input);
int64_t try_range(struct input *input);
int64_t try_many(struct input *input);
int64_t try_foreach(struct input *input);

int64_t try_child(struct input *input);
int64_t try_client(struct input *input);

#endif
