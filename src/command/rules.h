/* SPDX-License-Identifier: MIT
 * Rules that allow leaks: --allow, --suppressions and --print-suppressions. */
#ifndef FDI_COMMAND_RULES_H
#define FDI_COMMAND_RULES_H

#include "command.h"

/* The members of a leak that a rule may name. */
enum rule_field { RULE_FD, RULE_KIND, RULE_REFERS, RULE_FROM, RULE_TO, RULE_FIELDS };

struct rule {
    char *text;                  /* as given; owned */
    char *patterns[RULE_FIELDS]; /* owned; NULL: any */
    bool is_jobserver;
    bool is_used;
};

struct rules {
    struct rule *items;
    size_t count;
    size_t capacity;
};

/* A descriptor that a program received from another. A rule compares
 * the name of a program as it was called, and its base name. */
struct receipt {
    const struct descriptor *descriptor;
    const char *from;
    const char *to;
    bool is_jobserver; /* of make, which names it in MAKEFLAGS */
};

/* Adds a rule: "jobserver", or KEY=PATTERN[,KEY=PATTERN...]. Returns 0, or TROUBLE after an error
 * message. */
int rules_add(struct rules *rules, const char *text);

/* Adds each line of a file as a rule. Empty lines and lines that begin with "#" are ignored. */
int rules_read(struct rules *rules, const char *file);

/* Reports whether a rule allows the receipt, and marks every rule that does as used. */
bool rules_allow(struct rules *rules, const struct receipt *receipt);

/* Writes a rule that allows the receipt, also in a later run. */
void rules_write(FILE *out, const struct receipt *receipt);

void rules_free(struct rules *rules);

#endif
