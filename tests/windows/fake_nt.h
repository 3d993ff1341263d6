/* SPDX-License-Identifier: MIT
 * Replaces the NT and Win32 calls for files. The replacements return what Microsoft documents and
 * Wine lacks, and record each call. */
#ifndef FDI_TEST_FAKE_NT_H
#define FDI_TEST_FAKE_NT_H

#include "../../src/windows/win.h"
#include "../support/files.h"

enum { CALLS = 64, REPARSE_ROOM = 16384 };

/* A call of NtCreateFile. */
struct opening {
    HANDLE root;
    WCHAR name[64];
    ACCESS_MASK access;
    ULONG options;
    ULONG disposition;
    ULONG attributes;
    ULONG object; /* OBJ_... */
    ULONG share;
};

/* A call of NtSetInformationFile. */
struct set_call {
    HANDLE handle;
    int class;
    ULONG size;
    unsigned char data[512];
};

/* A call of NtFsControlFile. */
struct control {
    HANDLE handle;
    ULONG code;
    ULONG size;
    bool had_right; /* the privilege to create symlinks was enabled */
    unsigned char data[512];
};

extern struct fake_nt {
    bool on;

    /* The recorded calls. */
    struct opening openings[CALLS];
    int opened;
    struct set_call set_calls[CALLS];
    int set_count;
    struct control controls[CALLS];
    int controlled;
    int open_now;

    /* The results to return; zeros are success. */
    NTSTATUS open_status;
    NTSTATUS set_status[CALLS];
    NTSTATUS control_status;
    FILE_ATTRIBUTE_TAG_INFO kind;
    FILE_ID_INFO ids[CALLS]; /* of the handle that each opening returned */
    unsigned char reparse[REPARSE_ROOM];
    ULONG reparse_size;
    const WCHAR *final_paths[CALLS]; /* one for each call; the last one repeats */
    int final_path;
    const void *listing;
    ULONG listing_size;
    bool is_simple; /* FAT: no tags and no 128-bit ids */
    bool has_no_ids;
    bool impersonates;
    bool has_right;
} fake;

/* Clears all records and results, and starts to replace the calls. */
void fake_nt_start(void);
/* Returns the handle that opening number `opening` returned. */
HANDLE fake_nt_handle(int opening);
/* Stops replacing the calls. Returns false if a handle is still open. */
bool fake_nt_end(void);

#endif
