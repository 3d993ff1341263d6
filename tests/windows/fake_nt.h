/* SPDX-License-Identifier: MIT
 * The system's calls for files, replaced: what Wine cannot do is answered as Microsoft documents it,
 * and what was asked for is noted, call by call. */
#ifndef FDI_TEST_SCRIPT_WINDOWS_H
#define FDI_TEST_SCRIPT_WINDOWS_H

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
struct telling {
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
    bool had_right; /* the right to make symlinks was switched on */
    unsigned char data[512];
};

extern struct script {
    bool on;

    /* What was asked. */
    struct opening openings[CALLS];
    int opened;
    struct telling tellings[CALLS];
    int told;
    struct control controls[CALLS];
    int controlled;
    int open_now;

    /* What is answered; zeros are success. */
    NTSTATUS open_status;
    NTSTATUS tell_status[CALLS];
    NTSTATUS control_status;
    FILE_ATTRIBUTE_TAG_INFO kind;
    FILE_ID_INFO ids[CALLS]; /* of what an opening gave, by its number */
    unsigned char reparse[REPARSE_ROOM];
    ULONG reparse_size;
    const WCHAR *final_paths[CALLS]; /* in turn; the last one stays */
    int final_path;
    const void *listing;
    ULONG listing_size;
    bool is_simple; /* FAT: neither tags nor ids of 128 bits */
    bool has_no_ids;
    bool acts_for_somebody;
    bool has_right;
} script;

/* Ends the script of before, and from now on answers by a new one. */
void script_start(void);
/* The handle that an opening gave, by its number. */
HANDLE script_handle(int opening);
/* Ends it; false if a handle was left open. */
bool script_end(void);

#endif
