/* SPDX-License-Identifier: MIT
 * Opens the handle of a target. Every operation of this folder opens its file by these
 * functions. */
#ifndef FDI__TARGET_HANDLE_H
#define FDI__TARGET_HANDLE_H

#include "win.h"

/* ---- path_windows.c: paths as text --------------------------------------------------------- */

/* An NT path. The text has room in front for a prefix. */
struct fdi__native {
    struct fdi__wide wide; /* owns the text */
    UNICODE_STRING name;   /* points into the text */
};

/* Returns true if the path ends in a separator, "." or ".." and so names a directory. */
bool fdi__names_directory(const struct fdi__wide *path);

/* Returns true if the path is absolute, so that a directory fd is ignored. */
bool fdi__is_absolute(const WCHAR *path);

/* Converts a path of any length, absolute or relative to the current directory, to a full NT path.
 * The rules of Win32 apply: dots are resolved by text, and "NUL" is a device. After success the
 * caller must call fdi__wide_close(&native->wide). */
int fdi__native_name(struct fdi__native *native, const WCHAR *path);

/* Returns true if a full NT path leads to the pipes of this computer or of another. */
bool fdi__names_pipe(const UNICODE_STRING *name);

/* Normalizes a relative path in place: one backslash between names and no ".". A colon is ENOENT:
 * no name contains one, and NT would open a stream of a file. */
int fdi__make_plain(struct fdi__wide *path);

/* Returns true if a symlink with this text is absolute: the text starts with a drive or a
 * server. */
bool fdi__is_full(const WCHAR *path);

/* Stores the full path that Win32 makes of a path, relative to the current directory. */
int fdi__full_path(struct fdi__wide *full, const WCHAR *path);

/* Stores the current path of an open file. It starts with \\?\. A volume without a DOS name, such as
 * a RAM disk, is named by its id (\\?\Volume{...}\x) or by its device (\\?\GLOBALROOT\Device\D\x). */
int fdi__final_path(struct fdi__wide *path, HANDLE handle);

/* Returns such a path without its prefix: C:\x, or \\server\x, which overwrites the unit at 6. A
 * path without a DOS name stays as it is. */
WCHAR *fdi__without_prefix(WCHAR *final_path);

/* Returns the length of such a path's root, with its separator: \\?\C:\, \\?\Volume{...}\,
 * \\?\UNC\server\share\ or \\?\GLOBALROOT\Device\D\. The prefix may also be \??\. */
size_t fdi__root_length(const WCHAR *final_path);

/* ---- literal_path_windows.c: paths for calls that take no handle ------------------------------ */

/* Returns a path of an open file that Win32 takes literally. The caller frees it; NULL is a failure.
 * Errors: EBUSY if the path leads to another file, as during a move. ENOTSUP if Win32 cannot name a
 * directory, as one whose name ends in a dot. */
WCHAR *fdi__literal_path(HANDLE handle, bool is_directory);

/* Returns the full path of a plain path, which keeps a mapped drive's letter. The caller frees it.
 * Returns NULL, with errno unchanged, if it does not lead to the file of `handle` or is too long. */
WCHAR *fdi__path_as_given(const char *path, HANDLE handle);

/* ---- target_handle_windows.c ---------------------------------------------------------------- */

/* The directory handle and the name that NtCreateFile takes for a path. */
struct fdi__place {
    HANDLE root;         /* `name` is relative to it; NULL: `name` is full */
    HANDLE own;          /* `root` if this place owns it, else NULL */
    UNICODE_STRING name; /* empty: `root` itself */
    bool names_directory;
    struct fdi__wide path;
    struct fdi__native native;
};

/* Finds the place of a target with a path. After success the caller must call fdi__place_close,
 * which leaves errno unchanged and returns `result`. */
int fdi__place_open(struct fdi__place *place, fdi_target target);
int fdi__place_close(struct fdi__place *place, int result);

/* Arguments of NtCreateFile. A zero `disposition` is FILE_OPEN. */
struct fdi__manner {
    ACCESS_MASK access;
    ULONG options;
    ULONG disposition;
    ULONG attributes;
    ULONG withheld; /* share modes that others do not get: FILE_SHARE_... */
};

/* Opens the file at a place with every share mode. The handle is synchronous and not inheritable.
 * Returns FILE_OPENED or FILE_CREATED, or -1. */
int fdi__open_place(HANDLE *handle, const struct fdi__place *place, struct fdi__manner manner);

/* Sets the errno that POSIX has for a call that failed with `status` at a place. Returns -1. */
int fdi__place_fail(const struct fdi__place *place, NTSTATUS status);

/* Reopens the file of a handle, with its own access rights and position. */
int fdi__open_again(HANDLE *handle, HANDLE file, struct fdi__manner manner);

/* Opens the file of a path target, or reopens that of an fd target. */
int fdi__open_target(HANDLE *handle, fdi_target target, struct fdi__manner manner);

/* A handle for the file of a target. `own` is NULL if `handle` is that of an fd, which keeps owning
 * it. */
struct fdi__target_handle {
    HANDLE handle;
    HANDLE own;
};

/* Opens a target with these access rights. FDI_NOFOLLOW in `flags` opens a symlink itself. After
 * success the caller must call fdi__target_handle_close, which leaves errno unchanged and returns
 * `result`. */
int fdi__target_handle_open(struct fdi__target_handle *opened, fdi_target target,
                            ACCESS_MASK access, unsigned flags);
int fdi__target_handle_close(const struct fdi__target_handle *opened, int result);

/* Stores the attributes and the reparse tag of an open file; the tag is 0 if it has none. */
int fdi__kind(HANDLE handle, FILE_ATTRIBUTE_TAG_INFO *kind);
/* Fails with ENOTDIR unless the handle is a directory's. */
int fdi__check_directory(HANDLE handle);
/* Returns true for a symlink and for a junction. */
bool fdi__is_link(const FILE_ATTRIBUTE_TAG_INFO *kind);
bool fdi__is_directory(const FILE_ATTRIBUTE_TAG_INFO *kind); /* false for a link to one */
bool fdi__is_socket(const FILE_ATTRIBUTE_TAG_INFO *kind);    /* the name of an AF_UNIX socket */

/* The identity of a file. */
struct fdi__identity {
    uint64_t volume;
    uint64_t low;
    uint64_t high;
    bool has_high; /* the file system has 128-bit ids */
};
int fdi__identify(HANDLE handle, struct fdi__identity *identity);
bool fdi__same_file(HANDLE one, HANDLE other);

/* ---- stat_windows.c: times in units of Windows, 100 ns since 1601 ---------------------------- */

/* EOVERFLOW for a time that Windows cannot represent. */
int fdi__units_of(struct fdi_time time, int64_t *units);

/* ---- attributes_windows.c and names_windows.c: changes to an open file ----------------------- */

int fdi__set_read_only(HANDLE handle, bool read_only);
int fdi__set_length(HANDLE handle, int64_t length);
/* Removes the name by which the file was opened. */
int fdi__remove(HANDLE handle, bool is_read_only);

#endif
