/* SPDX-License-Identifier: MIT
 * struct fdi_stat agrees exactly with the C library, the kernel and stat(1). */
#include "../../src/platform.h"
#include "../support/files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* The kernel's raw result, 256 bytes. */
union kernel_stat {
    uint32_t words[64];
    int64_t longs[32];
};
enum { MASK = 0, BIRTH_BIT = 0x800, BIRTH_SEC = 10, BIRTH_NSEC = 22, BASIC_AND_BIRTH = 0xfff };

/* Returns false if the kernel or a sandbox lacks the call. */
static bool ask_kernel(const char *path, union kernel_stat *out)
{
    return syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, BASIC_AND_BIRTH, out) == 0;
}

static void assert_time(struct fdi_time time, struct timespec expected)
{
    assert_true(time.sec == expected.tv_sec && time.nsec == expected.tv_nsec);
}

static void assert_agrees(const struct fdi_stat *status, const struct stat *expected)
{
    assert_true(status->dev == expected->st_dev);
    assert_true(status->ino == expected->st_ino && status->ino_high == 0);
    assert_true(status->nlink == expected->st_nlink);
    assert_true(status->rdev == expected->st_rdev);
    assert_true(status->size == expected->st_size);
    assert_true(status->blocks == (uint64_t)expected->st_blocks);
    assert_int_equal(status->mode, expected->st_mode);
    assert_int_equal(status->uid, expected->st_uid);
    assert_int_equal(status->gid, expected->st_gid);
    assert_int_equal(status->blksize, expected->st_blksize);
    assert_time(status->atime, expected->st_atim);
    assert_time(status->mtime, expected->st_mtim);
    assert_time(status->ctime, expected->st_ctim);
    assert_int_equal(status->present & ~(unsigned)FDI_STAT_BIRTHTIME,
                     FDI_STAT_OWNER | FDI_STAT_BLOCKS);
}

static void stat_agrees_with_the_c_library_on_every_kind(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    const char *const paths[] = {".", "file", "link", "fifo", "/dev/null", "/usr", "/dev/stdin"};
    assert_int_equal(chdir("dir"), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        for (int nofollow = 0; nofollow < 2; nofollow++) {
            struct fdi_stat status;
            struct stat expected;
            if (fstatat(AT_FDCWD, paths[i], &expected, nofollow ? AT_SYMLINK_NOFOLLOW : 0) < 0)
                continue; /* /dev/stdin resolves to nothing without /proc */
            assert_works(fdi_stat(fdi_path(paths[i]), &status, nofollow ? FDI_NOFOLLOW : 0));
            assert_agrees(&status, &expected);
            assert_works(fdi_stat(fdi_path_at(tree.directory, paths[i]), &status,
                                  nofollow ? FDI_NOFOLLOW : 0));
            assert_agrees(&status, &expected);
        }
    file_tree_close(&tree);
}

static void stat_agrees_with_fstat_on_every_kind_of_fd(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const int fds[] = {ends[0], ends[1], open("/", O_PATH | O_CLOEXEC), open_null(false)};
    for (int i = 0; i < 4; i++) {
        struct fdi_stat status;
        struct stat expected;
        assert_int_equal(fstat(fds[i], &expected), 0);
        assert_works(fdi_stat(fdi_fd(fds[i]), &status, 0));
        assert_agrees(&status, &expected);
        assert_int_equal(close(fds[i]), 0);
    }
}

static void device_numbers_agree_with_makedev(void **state)
{
    (void)state;
    assert_true(status_of("/dev/null").rdev == makedev(1, 3));
    assert_true(status_of("/dev/zero").rdev == makedev(1, 5));
    make_file("file", "");
    assert_true(status_of("file").rdev == 0);
}

static void size_may_exceed_4_gib(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const int64_t sizes[] = {INT64_C(0xffffffff), INT64_C(0x100000000), INT64_C(5368709123)};
    for (int i = 0; i < 3; i++)
        for (enum form form = FORM_PATH; form < FORMS; form++) {
            struct fdi_stat status;
            assert_works(fdi_truncate(file_tree_file(&tree, form), 0));
            assert_works(fdi_truncate(file_tree_file(&tree, form), sizes[i]));
            assert_works(fdi_stat(file_tree_file(&tree, form), &status, 0));
            assert_true(status.size == sizes[i]);
            assert_true(status.blocks < 1000);
        }
    file_tree_close(&tree);
}

/* If statx is refused, the 32-bit C library has only a call with 32-bit times left. */
static bool has_long_times(void)
{
    union kernel_stat answer;
    return sizeof(long) > 4 || ask_kernel("/", &answer);
}

static void times_may_lie_after_2038(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const struct fdi_time times[2] = {{INT64_C(0x80000000), 123456789},
                                      {INT64_C(0x100000005), 999999999}};
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        struct fdi_stat status;
        if (!has_long_times())
            continue;
        assert_works(fdi_utime(file_tree_file(&tree, form), times, 0));
        assert_works(fdi_stat(file_tree_file(&tree, form), &status, 0));
        assert_true(status.atime.sec == times[0].sec && status.atime.nsec == times[0].nsec);
        assert_true(status.mtime.sec == times[1].sec && status.mtime.nsec == times[1].nsec);
    }
    file_tree_close(&tree);
}

static void birth_time_is_exact_if_the_kernel_reports_it(void **state)
{
    struct file_tree tree = file_tree_with_links(state);
    const char *const paths[] = {"dir", "dir/file", "dir/link", "/dev/null"};
    for (int i = 0; i < 4; i++) {
        union kernel_stat answer;
        struct fdi_stat status;
        bool report = ask_kernel(paths[i], &answer) && (answer.words[MASK] & BIRTH_BIT);
        assert_works(fdi_stat(fdi_path(paths[i]), &status, FDI_NOFOLLOW));
        assert_int_equal((status.present & FDI_STAT_BIRTHTIME) != 0, report);
        assert_true(status.birthtime.sec == (report ? answer.longs[BIRTH_SEC] : 0));
        assert_true(status.birthtime.nsec == (report ? answer.words[BIRTH_NSEC] : 0));
    }
    file_tree_close(&tree);
}

/* The program stat makes the call that the filter may refuse. */
static void stat_agrees_with_the_stat_program(void **state)
{
    (void)state;
    char found[256] = "", expected[256] = "";
    union kernel_stat answer;
    make_file("file", "text");
    struct fdi_stat status = status_of("file");
    snprintf(expected, sizeof expected, "%llu %llu %o %llu %lld %llu %u %lld %lld\n",
             (unsigned long long)status.dev, (unsigned long long)status.ino, status.mode & 07777,
             (unsigned long long)status.nlink, (long long)status.size,
             (unsigned long long)status.blocks, status.blksize, (long long)status.mtime.sec,
             (long long)status.birthtime.sec);
    if (!ask_kernel("file", &answer))
        return;
    FILE *program = popen("stat -c '%d %i %a %h %s %b %o %Y %W' file", "r");
    assert_non_null(program);
    assert_non_null(fgets(found, sizeof found, program));
    assert_int_equal(pclose(program), 0);
    assert_string_equal(found, expected);
}

static void statvfs_agrees_with_the_c_library(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        struct fdi_statvfs found;
        struct statvfs expected;
        assert_works(fdi_statvfs(file_tree_file(&tree, form), &found));
        assert_int_equal(statvfs("dir/file", &expected), 0);
        assert_true(found.bsize == expected.f_bsize && found.frsize == expected.f_frsize);
        assert_true(found.blocks == expected.f_blocks && found.files == expected.f_files);
        assert_true(found.flag == expected.f_flag && found.namemax == expected.f_namemax);
        assert_true(found.fsid == expected.f_fsid);
    }
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(stat_agrees_with_the_c_library_on_every_kind),
        CASE(stat_agrees_with_fstat_on_every_kind_of_fd),
        CASE(device_numbers_agree_with_makedev),
        CASE(size_may_exceed_4_gib),
        CASE(times_may_lie_after_2038),
        CASE(birth_time_is_exact_if_the_kernel_reports_it),
        CASE(stat_agrees_with_the_stat_program),
        CASE(statvfs_agrees_with_the_c_library),
    };
    return cmocka_run_group_tests_name("stat_linux", cases, NULL, NULL);
}
