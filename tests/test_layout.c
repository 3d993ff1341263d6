/* SPDX-License-Identifier: MIT
 * The binary interface: sizes, offsets and values that compiled programs rely on. They never
 * change. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/operations.h"

#include <limits.h>

/* The compiler rejects a false condition. */
#define HOLDS(name, fact)       typedef char holds_##name[(fact) ? 1 : -1]
#define AT(type, member, where) HOLDS(type##_##member, offsetof(struct type, member) == (where))

/* ---- the same on every system ---- */

HOLDS(time_size, sizeof(struct fdi_time) == 16);
AT(fdi_time, sec, 0);
AT(fdi_time, nsec, 8);

HOLDS(stat_size, sizeof(struct fdi_stat) == 184);
AT(fdi_stat, dev, 0);
AT(fdi_stat, ino, 8);
AT(fdi_stat, ino_high, 16);
AT(fdi_stat, nlink, 24);
AT(fdi_stat, rdev, 32);
AT(fdi_stat, size, 40);
AT(fdi_stat, blocks, 48);
AT(fdi_stat, mode, 56);
AT(fdi_stat, uid, 60);
AT(fdi_stat, gid, 64);
AT(fdi_stat, blksize, 68);
AT(fdi_stat, flags, 72);
AT(fdi_stat, file_attributes, 76);
AT(fdi_stat, reparse_tag, 80);
AT(fdi_stat, present, 84);
AT(fdi_stat, atime, 88);
AT(fdi_stat, mtime, 104);
AT(fdi_stat, ctime, 120);
AT(fdi_stat, birthtime, 136);
AT(fdi_stat, reserved, 152);

HOLDS(statvfs_size, sizeof(struct fdi_statvfs) == 120);
AT(fdi_statvfs, bsize, 0);
AT(fdi_statvfs, frsize, 8);
AT(fdi_statvfs, blocks, 16);
AT(fdi_statvfs, bfree, 24);
AT(fdi_statvfs, bavail, 32);
AT(fdi_statvfs, files, 40);
AT(fdi_statvfs, ffree, 48);
AT(fdi_statvfs, favail, 56);
AT(fdi_statvfs, fsid, 64);
AT(fdi_statvfs, flag, 72);
AT(fdi_statvfs, namemax, 80);
AT(fdi_statvfs, reserved, 88);

HOLDS(fd_map_size, sizeof(struct fdi_fd_map) == 8);
AT(fdi_fd_map, fd, 0);
AT(fdi_fd_map, child_fd, 4);

/* ---- structs with pointers, by pointer size; the compiler chooses the padding ---- */

enum { POINTER = sizeof(void *), IS_LARGE = POINTER == 8 };

HOLDS(target_size, sizeof(struct fdi_target) == POINTER + 8);
AT(fdi_target, path, 0);
AT(fdi_target, fd, POINTER);
AT(fdi_target, form, POINTER + 4);

HOLDS(dirent_size, !IS_LARGE || sizeof(struct fdi_dirent) == 24);
AT(fdi_dirent, name, 0);
HOLDS(dirent_ino, !IS_LARGE || offsetof(struct fdi_dirent, ino) == 8);
HOLDS(dirent_type, offsetof(struct fdi_dirent, type) == offsetof(struct fdi_dirent, ino) + 8);

HOLDS(options_size, !IS_LARGE || sizeof(struct fdi_spawn_options) == 136);
AT(fdi_spawn_options, program, 0);
AT(fdi_spawn_options, argv, POINTER + 8);
AT(fdi_spawn_options, envp, 2 * POINTER + 8);
AT(fdi_spawn_options, fds, 3 * POINTER + 8);
AT(fdi_spawn_options, fd_count, 4 * POINTER + 8);
AT(fdi_spawn_options, directory, 5 * POINTER + 8);
AT(fdi_spawn_options, flags, 6 * POINTER + 16);
HOLDS(options_reserved, !IS_LARGE || offsetof(struct fdi_spawn_options, reserved) == 72);

HOLDS(handle_size, sizeof(fdi_handle) == POINTER);
HOLDS(process_size, sizeof(fdi_process) == POINTER);
#if defined(_WIN32)
HOLDS(socket_size, sizeof(fdi_socket) == POINTER);
#else
HOLDS(socket_size, sizeof(fdi_socket) == sizeof(int));
#endif

/* ---- values ---- */

HOLDS(last_fd, FDI_LAST_FD == INT_MAX);
HOLDS(no_process, FDI_NO_PROCESS == 0);
HOLDS(forms, FDI_FORM_PATH == 1 && FDI_FORM_DIR_FD == 2 && FDI_FORM_FD == 3);
HOLDS(no_limit, FDI_NO_LIMIT == INT64_MAX);
HOLDS(flags, FDI_INHERITABLE == 0x10 && FDI_NONBLOCK == 0x20 && FDI_EFFECTIVE_IDS == 0x40 &&
                 FDI_NOFOLLOW == 0x80 && FDI_WAIT_KEEP == 0x200 &&
                 FDI_TARGET_IS_DIRECTORY == 0x2000 && FDI_ABOVE_STDIO == 0x4000);
HOLDS(spawn_flags, FDI_SPAWN_SEARCH == 0x20000 && FDI_SPAWN_EMPTY_MASK == 0x40000 &&
                       FDI_SPAWN_NEW_SESSION == 0x200000 && FDI_SPAWN_NEW_GROUP == 0x800000 &&
                       FDI_SPAWN_KEEP_IGNORED == 0x2000000 && FDI_SPAWN_NO_STDIO == 0x4000000 &&
                       FDI_SPAWN_NO_WINDOW == 0x20000000);
HOLDS(constants_are_ints, sizeof FDI_NOFOLLOW == sizeof(int) && FDI_NOFOLLOW > -1);
HOLDS(present, FDI_STAT_BIRTHTIME == 1 && FDI_STAT_FLAGS == 2 && FDI_STAT_FILE_ATTRIBUTES == 4 &&
                   FDI_STAT_INO_HIGH == 8 && FDI_STAT_OWNER == 16 && FDI_STAT_BLOCKS == 32);
HOLDS(types, FDI_TYPE_UNKNOWN == 0 && FDI_TYPE_FIFO == 1 && FDI_TYPE_CHARACTER_DEVICE == 2 &&
                 FDI_TYPE_DIRECTORY == 3 && FDI_TYPE_BLOCK_DEVICE == 4 && FDI_TYPE_FILE == 5 &&
                 FDI_TYPE_SYMLINK == 6 && FDI_TYPE_SOCKET == 7);

/* Checks the numbers of the functions through the library's names for them. */
static void function_numbers_never_change(void **state)
{
    (void)state;
    for (int i = 0; i < contract_size; i++)
        assert_string_equal(fdi_function_name((fdi_function)i), contract[i].name);
    assert_null(fdi_function_name((fdi_function)contract_size));
    assert_int_equal(FDI_FN_ACCESS, 0);
    assert_int_equal(FDI_FN_LINK, 10);
    assert_int_equal(FDI_FN_OPENDIR, 19);
    assert_int_equal(FDI_FN_UTIME, 25);
    assert_int_equal(FDI_FN_RECV_FDS, 34);
}

static void structs_are_passed_by_value(void **state)
{
    static const char path[] = "x";
    (void)state;
    fdi_target target = fdi_path_at(4711, path);
    assert_ptr_equal(target.path, path);
    assert_int_equal(target.fd, 4711);
    assert_int_equal(target.form, FDI_FORM_DIR_FD);
    fdi_spawn_options options = fdi_spawn_defaults();
    assert_int_equal(options.fd_count, 0);
    assert_null(options.fds);
    assert_int_equal(options.flags, 0);
    for (int i = 0; i < 8; i++)
        assert_int_equal(options.reserved[i], 0);
}

static void header_and_library_have_the_same_version(void **state)
{
    (void)state;
    assert_int_equal(fdi_version(), FDI_VERSION);
    assert_int_equal(FDI_VERSION,
                     FDI_VERSION_MAJOR * 65536 + FDI_VERSION_MINOR * 256 + FDI_VERSION_PATCH);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(function_numbers_never_change),
        CASE(structs_are_passed_by_value),
        CASE(header_and_library_have_the_same_version),
    };
    return cmocka_run_group_tests_name("layout", cases, NULL, NULL);
}
