/* SPDX-License-Identifier: MIT
 * Parsers for procfs text. They open no files. Each function takes `length` bytes of any content,
 * which need not be terminated. */
#ifndef FDI_COMMAND_PROCFS_H
#define FDI_COMMAND_PROCFS_H

#include "../command.h"

/* Parses the number after a label such as "flags:" at the beginning of a line. */
bool procfs_number(const char *text, size_t length, const char *label, int base, uint64_t *number);

/* Counts the lines that begin with `label`. */
int procfs_count(const char *text, size_t length, const char *label);

/* Returns the kind of a descriptor as static text. `link` is the target of its link in
 * /proc/PID/fd, and `mode` is the file's mode, or 0 if unknown. */
const char *procfs_kind(const char *link, size_t length, unsigned mode);

/* Parses the inode of "socket:[4711]". */
bool procfs_socket_inode(const char *link, size_t length, uint64_t *inode);

/* Describes the format of a file in /proc/PID/net. */
struct procfs_table {
    const char *name;
    const char *protocol;
    enum { TABLE_INET, TABLE_INET6, TABLE_UNIX, TABLE_OTHER } form;
    int inode_field;
};
extern const struct procfs_table procfs_tables[];
extern const int procfs_table_count;

/* Parses one line of such a file. Returns false for other lines, such as the heading. */
bool procfs_socket_line(const struct procfs_table *table, const char *line, size_t length,
                        uint64_t *inode, struct socket_facts *facts);

#endif
