/* SPDX-License-Identifier: MIT
 * What the files of procfs say. Nothing is opened here: each function takes `length` bytes, of
 * any content and not terminated, and answers for all of them. */
#ifndef FDI_COMMAND_PROCFS_H
#define FDI_COMMAND_PROCFS_H

#include "../command.h"

/* The number after a label such as "flags:" at the beginning of a line. */
bool procfs_number(const char *text, size_t length, const char *label, int base, uint64_t *number);

/* How many lines begin with `label`. */
int procfs_count(const char *text, size_t length, const char *label);

/* The kind of a descriptor, from where its link in /proc/PID/fd leads and the mode of the file
 * (0: not known). A static text. */
const char *procfs_kind(const char *link, size_t length, unsigned mode);

/* The inode of "socket:[4711]". */
bool procfs_socket_inode(const char *link, size_t length, uint64_t *inode);

/* How a file of /proc/PID/net is read: "%s" is its name. */
struct procfs_table {
    const char *name;
    const char *protocol;
    enum { TABLE_INET, TABLE_INET6, TABLE_UNIX, TABLE_OTHER } form;
    int inode_field;
};
extern const struct procfs_table procfs_tables[];
extern const int procfs_table_count;

/* One line of such a file. False if it is none, as the headings. */
bool procfs_socket_line(const struct procfs_table *table, const char *line, size_t length,
                        uint64_t *inode, struct socket_facts *facts);

#endif
