/* SPDX-License-Identifier: MIT
 * The parts of reading a directory that are the same on every system. directory_stream.c or
 * directory_linux.c defines struct fdi_dir and the functions of the backend. */
#ifndef FDI__DIRECTORY_H
#define FDI__DIRECTORY_H

#include "../backend.h"

/* The two entries alternate, so that AddressSanitizer detects the use of an entry after the next
 * call. */
struct fdi__entries {
    fdi_dirent entries[2];
    int turn;
};

/* Poisons the last entry, so that AddressSanitizer reports a use of it. */
void fdi__expire_entry(struct fdi__entries *entries);

/* Stores an entry and returns it. `d_type` is a DT_ constant of <dirent.h>. */
const fdi_dirent *fdi__store_entry(struct fdi__entries *entries, const char *name, uint64_t ino,
                                   int d_type);

/* Reports whether the name is "." or "..". */
static inline bool fdi__is_dots(const char *name)
{
    return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Opens a directory for reading. An fd is opened again, so that its position is not shared. */
int fdi__open_directory(fdi_target target);

/* Duplicates a directory that the caller may read but not open again, because it has dropped its
 * privileges or a sandbox forbids it. The error of the attempt is in errno, and comes out if the fd
 * cannot be read either. */
int fdi__duplicate_directory(fdi_target target);

#endif
