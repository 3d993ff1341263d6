/* SPDX-License-Identifier: MIT
 * File attributes: reading and changing them through every form of a target. */
#include "../src/platform.h"
#include "support/files.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { KIND = 0170000, DIRECTORY = 0040000, PLAIN = 0100000, WRITE_BITS = 0222 };

/* ---- access -------------------------------------------------------------------------------- */

static void access_works_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        bool served = is_served(FDI_FN_ACCESS, form);
        assert_served(served, fdi_access(file_tree_file(&tree, form), 0, 0));
        assert_served(served, fdi_access(file_tree_file(&tree, form), 4 | 2, 0));
    }
    file_tree_close(&tree);
}

static void access_obeys_its_flags_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    bool follows = fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_NOFOLLOW);
    bool effective = fdi_supports(FDI_FN_ACCESS, FDI_FORM_PATH, FDI_EFFECTIVE_IDS);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        bool served = is_served(FDI_FN_ACCESS, form);
        fdi_target file = file_tree_file(&tree, form);
        assert_served(served && effective, fdi_access(file, 4, FDI_EFFECTIVE_IDS));
        if (form == FORM_FD)
            continue;
        assert_served(served && follows, fdi_access(file, 4, FDI_NOFOLLOW));
        assert_served(served && follows && effective,
                      fdi_access(file, 4, FDI_NOFOLLOW | FDI_EFFECTIVE_IDS));
    }
    file_tree_close(&tree);
}

static void access_to_a_missing_file_is_enoent(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_fails(ENOENT, fdi_access(named(state, tree.directory, "nothing", form), 0, 0));
    file_tree_close(&tree);
}

static void access_with_an_unknown_mode_bit_is_einval(void **state)
{
    (void)state;
    make_file("file", "");
    assert_fails(EINVAL, fdi_access(fdi_path("file"), 8, 0));
    assert_fails(EINVAL, fdi_access(fdi_path("file"), -1, 0));
    assert_fails(EINVAL, fdi_access(fdi_path("nothing"), 8, 0));
}

/* ---- chmod --------------------------------------------------------------------------------- */

static void chmod_removes_and_restores_write_permission_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        bool served = is_served(FDI_FN_CHMOD, form);
        assert_served(served, fdi_chmod(file, 0444, 0));
        assert_int_equal((status_of("dir/file").mode & WRITE_BITS) == 0, served);
        assert_served(served, fdi_chmod(file, 0644, 0));
        assert_true(status_of("dir/file").mode & 0200);
    }
    file_tree_close(&tree);
}

static void chmod_with_nofollow_works_on_a_regular_file(void **state)
{
    struct file_tree tree = file_tree_open(state);
    bool served = fdi_supports(FDI_FN_CHMOD, FDI_FORM_PATH, FDI_NOFOLLOW);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        assert_served(served, fdi_chmod(file, 0444, FDI_NOFOLLOW));
        assert_int_equal((status_of("dir/file").mode & WRITE_BITS) == 0, served);
        assert_served(served, fdi_chmod(file, 0644, FDI_NOFOLLOW));
    }
    file_tree_close(&tree);
}

static void chmod_ignores_type_bits_and_rejects_other_bits(void **state)
{
    (void)state;
    make_file("file", "");
    assert_works(fdi_chmod(fdi_path("file"), status_of("file").mode, 0));
    assert_fails(EINVAL, fdi_chmod(fdi_path("file"), 0200444, 0));
    assert_fails(EINVAL, fdi_chmod(fdi_path("file"), ~0U, 0));
    assert_true(status_of("file").mode & 0200);
}

static void chmod_of_a_missing_file_is_enoent(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_fails(ENOENT, fdi_chmod(named(state, tree.directory, "nothing", form), 0644, 0));
    file_tree_close(&tree);
}

/* ---- chown --------------------------------------------------------------------------------- */

static void chown_leaves_ids_of_minus_one_unchanged_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_stat before = status_of("dir/file");
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        bool served = is_served(FDI_FN_CHOWN, form);
        assert_served(served, fdi_chown(file, UINT32_MAX, UINT32_MAX, 0));
        assert_served(served, fdi_chown(file, before.uid, UINT32_MAX, 0));
        assert_served(served, fdi_chown(file, UINT32_MAX, before.gid, 0));
        if (form != FORM_FD)
            assert_served(served, fdi_chown(file, before.uid, before.gid, FDI_NOFOLLOW));
    }
    struct fdi_stat after = status_of("dir/file");
    assert_int_equal(after.uid, before.uid);
    assert_int_equal(after.gid, before.gid);
    file_tree_close(&tree);
}

/* ---- stat ---------------------------------------------------------------------------------- */

static void stat_reports_the_same_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_stat first = status_of("dir/file");
    assert_int_equal(first.mode & KIND, PLAIN);
    assert_int_equal(first.size, 10);
    assert_int_equal(first.nlink, 1);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        struct fdi_stat status;
        memset(&status, 0xff, sizeof status);
        assert_served(is_served(FDI_FN_STAT, form),
                      fdi_stat(file_tree_file(&tree, form), &status, 0));
        if (is_served(FDI_FN_STAT, form))
            assert_memory_equal(&status, &first, sizeof status);
        if (form == FORM_FD)
            continue;
        memset(&status, 0xff, sizeof status);
        assert_works(fdi_stat(file_tree_file(&tree, form), &status, FDI_NOFOLLOW));
        assert_memory_equal(&status, &first, sizeof status);
    }
    file_tree_close(&tree);
}

static void stat_fills_every_field(void **state)
{
    (void)state;
    const uint64_t zeros[4] = {0};
    make_file("file", "");
    struct fdi_stat status = status_of("file");
    assert_memory_equal(status.reserved, zeros, sizeof zeros);
    assert_int_equal(status.present & ~0x3fU, 0);
    if (!(status.present & FDI_STAT_BIRTHTIME))
        assert_true(status.birthtime.sec == 0 && status.birthtime.nsec == 0);
    if (!(status.present & FDI_STAT_FLAGS))
        assert_int_equal(status.flags, 0);
    if (!(status.present & FDI_STAT_FILE_ATTRIBUTES))
        assert_true(status.file_attributes == 0 && status.reparse_tag == 0);
    if (!(status.present & FDI_STAT_INO_HIGH))
        assert_int_equal(status.ino_high, 0);
}

static void stat_of_a_new_file_reports_the_current_time(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) - 2;
    make_file("file", "text");
    struct fdi_stat status = status_of("file");
    int64_t after = (int64_t)time(NULL) + 2;
    assert_in_range(status.mtime.sec, before, after);
    assert_in_range(status.atime.sec, before, after);
    if (status.present & FDI_STAT_BIRTHTIME)
        assert_in_range(status.birthtime.sec, before, after);
}

static void stat_recognizes_a_directory(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_stat status;
    assert_int_equal(status_of("dir").mode & KIND, DIRECTORY);
    assert_works(fdi_stat(fdi_fd(tree.directory), &status, 0));
    assert_int_equal(status.mode & KIND, DIRECTORY);
    assert_true(status.ino == status_of("dir").ino);
    file_tree_close(&tree);
}

static void failed_stat_sets_errno_and_writes_nothing(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_stat status, untouched;
    memset(&untouched, 0x5a, sizeof untouched);
    status = untouched;
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++)
        assert_fails(ENOENT, fdi_stat(named(state, tree.directory, "nothing", form), &status, 0));
    assert_fails(ENOTDIR, fdi_stat(fdi_path_at(tree.fd, "file"), &status, 0));
    assert_fails(ENOENT, fdi_stat(fdi_path(""), &status, 0));
    assert_fails(EINVAL, fdi_stat(fdi_path("dir/file"), NULL, 0));
    assert_fails(EINVAL, fdi_stat(fdi_path("dir/file"), &status, FDI_EFFECTIVE_IDS));
    assert_memory_equal(&status, &untouched, sizeof status);
    file_tree_close(&tree);
}

/* ---- statvfs ------------------------------------------------------------------------------- */

static void statvfs_reports_the_same_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    struct fdi_statvfs first, other;
    assert_works(fdi_statvfs(fdi_path("dir/file"), &first));
    assert_true(first.bsize > 0 && first.frsize > 0 && first.namemax > 0);
    assert_true(first.bavail <= first.bfree && first.bfree <= first.blocks);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        memset(&other, 0xff, sizeof other);
        assert_works(fdi_statvfs(file_tree_file(&tree, form), &other));
        assert_true(other.frsize == first.frsize && other.blocks == first.blocks);
        assert_true(other.fsid == first.fsid && other.namemax == first.namemax);
        for (int i = 0; i < 4; i++)
            assert_true(other.reserved[i] == 0);
    }
    assert_fails(ENOENT, fdi_statvfs(fdi_path_at(tree.directory, "nothing"), &other));
    assert_fails(EINVAL, fdi_statvfs(fdi_path("dir/file"), NULL));
    file_tree_close(&tree);
}

/* ---- truncate ------------------------------------------------------------------------------ */

static void truncate_shortens_and_extends_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        fdi_target file = file_tree_file(&tree, form);
        make_file("dir/file", "0123456789");
        assert_works(fdi_truncate(file, 3));
        assert_file_is("dir/file", "012");
        assert_works(fdi_truncate(file, 5000));
        assert_int_equal(status_of("dir/file").size, 5000);
        assert_file_is("dir/file", "012"); /* the rest is zeros */
        assert_works(fdi_truncate(file, 0));
        assert_int_equal(status_of("dir/file").size, 0);
    }
    file_tree_close(&tree);
}

static void failed_truncate_changes_nothing(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        assert_fails(EINVAL, fdi_truncate(file_tree_file(&tree, form), -1));
        assert_fails(EINVAL, fdi_truncate(file_tree_file(&tree, form), INT64_MIN));
    }
    for (enum form form = FORM_PATH; form < NAMED_FORMS; form++) {
        assert_fails(ENOENT, fdi_truncate(named(state, tree.directory, "nothing", form), 0));
        assert_fails(EISDIR, fdi_truncate(named(state, tree.directory, ".", form), 0));
    }
    assert_file_is("dir/file", "0123456789");
    assert_false(exists("dir/nothing"));
    file_tree_close(&tree);
}

/* ---- utime --------------------------------------------------------------------------------- */

static bool has_times(const char *path, struct fdi_time atime, struct fdi_time mtime)
{
    struct fdi_stat status = status_of(path);
    return status.atime.sec == atime.sec && status.atime.nsec == atime.nsec &&
           status.mtime.sec == mtime.sec && status.mtime.nsec == mtime.nsec;
}

/* 100 ns is the resolution of Windows timestamps. */
static void utime_sets_both_times_exactly_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        const struct fdi_time times[2] = {{1000000000 + form, 123456700}, {1234567890, 999999900}};
        const struct fdi_time other[2] = {{1, 0}, {2, 100}};
        fdi_target file = file_tree_file(&tree, form);
        bool served = is_served(FDI_FN_UTIME, form);
        assert_works(fdi_utime(fdi_path("dir/file"), other, 0));
        assert_served(served, fdi_utime(file, times, 0));
        assert_int_equal(has_times("dir/file", times[0], times[1]), served);
        if (form == FORM_FD)
            continue;
        assert_served(served, fdi_utime(file, other, FDI_NOFOLLOW));
        assert_int_equal(has_times("dir/file", other[0], other[1]), served);
    }
    file_tree_close(&tree);
}

static void utime_works_on_a_directory(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const struct fdi_time times[2] = {{86400, 0}, {172800, 500}};
    assert_works(fdi_utime(fdi_fd(tree.directory), times, 0));
    assert_int_equal(status_of("dir").mtime.sec, 172800);
    assert_int_equal(status_of("dir").mtime.nsec, 500);
    file_tree_close(&tree);
}

static void utime_without_times_sets_the_current_time_in_every_form(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const struct fdi_time old[2] = {{1, 0}, {2, 0}};
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        int64_t before = (int64_t)time(NULL) - 2;
        assert_works(fdi_utime(fdi_path("dir/file"), old, 0));
        assert_works(fdi_utime(file_tree_file(&tree, form), NULL, 0));
        struct fdi_stat status = status_of("dir/file");
        assert_in_range(status.atime.sec, before, before + 60);
        assert_in_range(status.mtime.sec, before, before + 60);
    }
    file_tree_close(&tree);
}

static void utime_accepts_times_before_1970(void **state)
{
    (void)state;
    const struct fdi_time times[2] = {{-1, 500000000}, {-86400, 0}};
    make_file("file", "");
    assert_works(fdi_utime(fdi_path("file"), times, 0));
    assert_true(has_times("file", times[0], times[1]));
}

static void utime_rejects_nanoseconds_out_of_range(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const struct fdi_time good = {1000, 0};
    /* The last two pairs are UTIME_NOW and UTIME_OMIT on Linux and on macOS. */
    const int64_t bad[] = {-1,         1000000000, INT64_MIN, INT64_MAX, INT64_C(1) << 32,
                           1073741823, 1073741822, -2};
    assert_works(fdi_utime(fdi_path("dir/file"), (struct fdi_time[]){good, good}, 0));
    for (enum form form = FORM_PATH; form < FORMS; form++)
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
            const struct fdi_time first[2] = {{5, bad[i]}, good};
            const struct fdi_time second[2] = {good, {5, bad[i]}};
            assert_fails(EINVAL, fdi_utime(file_tree_file(&tree, form), first, 0));
            assert_fails(EINVAL, fdi_utime(file_tree_file(&tree, form), second, 0));
        }
    assert_true(has_times("dir/file", good, good));
    file_tree_close(&tree);
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(access_works_in_every_form),
        CASE(access_obeys_its_flags_in_every_form),
        CASE(access_to_a_missing_file_is_enoent),
        CASE(access_with_an_unknown_mode_bit_is_einval),
        CASE(chmod_removes_and_restores_write_permission_in_every_form),
        CASE(chmod_with_nofollow_works_on_a_regular_file),
        CASE(chmod_ignores_type_bits_and_rejects_other_bits),
        CASE(chmod_of_a_missing_file_is_enoent),
        CASE(chown_leaves_ids_of_minus_one_unchanged_in_every_form),
        CASE(stat_reports_the_same_in_every_form),
        CASE(stat_fills_every_field),
        CASE(stat_of_a_new_file_reports_the_current_time),
        CASE(stat_recognizes_a_directory),
        CASE(failed_stat_sets_errno_and_writes_nothing),
        CASE(statvfs_reports_the_same_in_every_form),
        CASE(truncate_shortens_and_extends_in_every_form),
        CASE(failed_truncate_changes_nothing),
        CASE(utime_sets_both_times_exactly_in_every_form),
        CASE(utime_works_on_a_directory),
        CASE(utime_without_times_sets_the_current_time_in_every_form),
        CASE(utime_accepts_times_before_1970),
        CASE(utime_rejects_nanoseconds_out_of_range),
    };
    return cmocka_run_group_tests_name("attributes", cases, NULL, NULL);
}
