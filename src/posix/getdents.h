/* SPDX-License-Identifier: MIT
 * Reads a directory with getdents64, for the entries of a directory and for the descriptors in
 * procfs. The C library's readdir allocates, and its opendir makes a stat call that a sandbox may
 * refuse. */
#ifndef FDI__GETDENTS_H
#define FDI__GETDENTS_H

#include "../result.h"
#include "posix.h"

#include <stddef.h>
#include <string.h>

/* The kernel's format. The C library's struct dirent differs between its builds. */
struct fdi__linux_dirent {
    uint64_t ino;
    int64_t offset;
    uint16_t length;
    uint8_t type;
};

enum { FDI__DIRENT_NAME = 19 }; /* the offset of the name */

/* Returns the number of bytes stored, 0 at the end, or -1. */
static inline int fdi__getdents(int fd, void *buffer, size_t size)
{
    long length;
    FDI__RETRY(length, syscall(SYS_getdents64, fd, buffer, size));
    return (int)length;
}

/* Copies the fixed part of the entry at `start`. The name follows at FDI__DIRENT_NAME. */
static inline struct fdi__linux_dirent fdi__dirent_at(const char *start)
{
    struct fdi__linux_dirent entry;
    memcpy(&entry, start, sizeof entry);
    return entry;
}

#endif
