/* SPDX-License-Identifier: MIT
 * From a target to an open handle: the one way by which this folder comes to a file. */
#ifndef FDI__REACH_H
#define FDI__REACH_H

#include "win.h"

/* ---- path_windows.c: paths as text --------------------------------------------------------- */

/* A path as the system's native calls take it. Room in front is for a prefix. */
struct fdi__native {
    struct fdi__wide wide; /* owns the text */
    UNICODE_STRING name;   /* a part of it */
};

/* Whether a directory is named: by a separator, or a dot or two, at the end. */
bool fdi__names_directory(const struct fdi__wide *path);

/* Whether the path says by itself where it begins, so that no dir_fd counts. */
bool fdi__is_absolute(const WCHAR *path);

/* The full native name of a path that is absolute or relative to the current directory, by the
 * rules of Win32, which settles dots by text and knows devices by their names ("NUL"). Of any
 * length. After success fdi__wide_close(&native->wide) is due. */
int fdi__native_name(struct fdi__native *native, const WCHAR *path);

/* Makes a relative path plain, in place: one backslash between its names, and no "." any more. A
 * colon, which would lead to a stream of a file, is ENOENT: it can be in no name. */
int fdi__make_plain(struct fdi__wide *path);

/* Whether a symlink with this text leads to a full path: it begins with a drive or a server. */
bool fdi__is_full(const WCHAR *path);

/* The path under which an open file is found now, beginning with \\?\. */
int fdi__final_path(struct fdi__wide *path, HANDLE handle);

/* Such a path without its prefix: C:\x, or \\server\x, for which the unit at 6 of it is changed. */
WCHAR *fdi__without_prefix(WCHAR *final_path);

/* How long the beginning of such a path is that is no name: \\?\C:\ or \\?\UNC\server\share\. */
size_t fdi__root_length(const WCHAR *final_path);

/* ---- reach_windows.c ------------------------------------------------------------------------ */

/* Where the last name of a path is looked up, and that name. */
struct fdi__place {
    HANDLE root;         /* the directory it is seen from; NULL: `name` is full */
    HANDLE own;          /* to be closed: `root`, if that was opened on the way */
    UNICODE_STRING name; /* empty: `root` itself */
    bool names_directory;
    struct fdi__wide path;
    struct fdi__native native;
};

/* Finds the place of a target with a path. After success fdi__place_close is due, which leaves errno
 * alone and returns `result`. */
int fdi__place_open(struct fdi__place *place, fdi_target target);
int fdi__place_close(struct fdi__place *place, int result);

/* How a file is opened; members as the arguments of NtCreateFile. `disposition` 0: FILE_OPEN. */
struct fdi__manner {
    ACCESS_MASK access;
    ULONG options;
    ULONG disposition;
    ULONG attributes;
};

/* Opens what is at a place: shared with everybody, not inheritable, for synchronous use. Returns
 * FILE_OPENED or FILE_CREATED, or -1. */
int fdi__open_place(HANDLE *handle, const struct fdi__place *place, struct fdi__manner manner);

/* -1, with the errno that POSIX has for the failure `status` of a call with a place. */
int fdi__place_fail(const struct fdi__place *place, NTSTATUS status);

/* Opens the file of a handle once more, with other rights and a position of its own. */
int fdi__open_again(HANDLE *handle, HANDLE file, struct fdi__manner manner);

/* Opens the file of any target, by one of the two. */
int fdi__open_target(HANDLE *handle, fdi_target target, struct fdi__manner manner);

/* The file of a target, for a while. `own` is to be closed; an fd that already has what it takes
 * is only borrowed. */
struct fdi__reached {
    HANDLE handle;
    HANDLE own;
};

/* Reaches a target with these rights. FDI_NOFOLLOW in `flags`: a link as the last name is meant
 * itself. After success fdi__leave is due, which leaves errno alone and returns `result`. */
int fdi__reach(struct fdi__reached *reached, fdi_target target, ACCESS_MASK access, unsigned flags);
int fdi__leave(const struct fdi__reached *reached, int result);

/* The attributes and the reparse tag (0: none) of an open file. */
int fdi__kind(HANDLE handle, FILE_ATTRIBUTE_TAG_INFO *kind);
/* 0, or -1 with ENOTDIR or why it cannot be told. */
int fdi__check_directory(HANDLE handle);
/* Whether that is another name for something: a symlink or a junction. */
bool fdi__is_link(const FILE_ATTRIBUTE_TAG_INFO *kind);
bool fdi__is_directory(const FILE_ATTRIBUTE_TAG_INFO *kind); /* and no link to one */

/* What tells a file from all others. */
struct fdi__identity {
    uint64_t volume;
    uint64_t low;
    uint64_t high;
    bool has_high; /* the file system has ids of 128 bits */
};
int fdi__identify(HANDLE handle, struct fdi__identity *identity);
bool fdi__same_file(HANDLE one, HANDLE other);

/* ---- stat_windows.c: times in the system's units, 100 ns since 1601 ------------------------------ */

/* EOVERFLOW for a time that the system cannot say. */
int fdi__units_of(struct fdi_time time, int64_t *units);

/* ---- what else is done to an open file --------------------------------------------------------- */

int fdi__set_read_only(HANDLE handle, bool read_only);
int fdi__set_length(HANDLE handle, int64_t length);
/* Removes the name by which it was opened. */
int fdi__remove(HANDLE handle, bool is_read_only);

#endif
