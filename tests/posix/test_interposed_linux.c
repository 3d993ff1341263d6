/* SPDX-License-Identifier: MIT
 * Results of listings that no real file system or kernel here produces. The tests define
 * replacements for C library functions. */
#include "../../src/platform.h"
#include "../support/files.h"
#include "../support/seccomp_linux.h"
#include "../../src/posix/getdents.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- the kernel ---------------------------------------------------------------------------- */

static const unsigned char *types; /* of the next entries; NULL: use the file system's own */
static int table_size;             /* of descriptors, as select reports it */
static int interruptions;          /* of the next calls, by a signal */
static int readdir_error;          /* 0: readdir works */
static int getdents_before_error;  /* the calls that succeed; the next one fails with EIO */
static int unreadable_fd = -1;     /* its flags cannot be read: EIO */
static int64_t procfs_size = -1;   /* what fstat reports; 0: it is refused; -1: the real size */

static int fail_with(int error)
{
    errno = error;
    return -1;
}

static bool is_interrupted(void)
{
    return interruptions > 0 && interruptions-- > 0;
}

/* Stores the C library's function in `real`. */
static void find_real(void *real, const char *name)
{
    void *found = dlsym(RTLD_NEXT, name);
    memcpy(real, &found, sizeof found);
}

long pathconf(const char *path, int name)
{
    long (*real)(const char *, int);
    find_real(&real, "pathconf");
    return is_interrupted() ? fail_with(EINTR) : real(path, name);
}

long fpathconf(int fd, int name)
{
    long (*real)(int, int);
    find_real(&real, "fpathconf");
    return is_interrupted() ? fail_with(EINTR) : real(fd, name);
}

static int fstat_or_less(int fd, struct stat *status)
{
    if (procfs_size == 0)
        return fail_with(EPERM);
    int result = fstatat(fd, "", status, AT_EMPTY_PATH);
    if (procfs_size > 0)
        status->st_size = (off_t)procfs_size;
    return result;
}

int play_fstat(int fd, struct stat *status) __asm__("fstat");
int play_fstat64(int fd, struct stat *status) __asm__("fstat64");

int play_fstat(int fd, struct stat *status)
{
    return fstat_or_less(fd, status);
}

int play_fstat64(int fd, struct stat *status)
{
    return fstat_or_less(fd, status);
}

/* `types` replaces the types of the entries, and 255 is the end. */
static struct dirent *played_entry(void)
{
    static struct dirent entry = {.d_ino = 1, .d_name = "name"};
    entry.d_type = *types++;
    return entry.d_type == 255 ? NULL : &entry;
}

static struct dirent *readdir_or_less(DIR *stream, const char *name)
{
    struct dirent *(*real)(DIR *);
    int error = is_interrupted() ? EINTR : readdir_error;
    if (error) {
        errno = error;
        return NULL;
    }
    find_real(&real, name);
    return types ? played_entry() : real(stream);
}

#define PLAY_READDIR(name)                                                                         \
    struct dirent *play_##name(DIR *stream) __asm__(#name);                                        \
    struct dirent *play_##name(DIR *stream)                                                        \
    {                                                                                              \
        return readdir_or_less(stream, #name);                                                     \
    }

PLAY_READDIR(readdir)
PLAY_READDIR(readdir64)

/* The library lists descriptors through this function, and directories where the C library calls
 * statx to open them. */
long syscall(long number, ...)
{
    static const char name[] = "name";
    long arguments[6];
    va_list list;
    va_start(list, number);
    for (int i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_getdents64 && is_interrupted())
        return fail_with(EINTR);
    if (number == SYS_getdents64 && getdents_before_error > 0 && --getdents_before_error == 0)
        return fail_with(EIO);
    if (number == SYS_getdents64 && types) {
        struct fdi__linux_dirent entry = {1, 1, 24, *types++};
        char *buffer = (char *)(uintptr_t)arguments[1];
        memcpy(buffer, &entry, sizeof entry);
        memcpy(buffer + FDI__DIRENT_NAME, name, sizeof name);
        return entry.type == 255 ? 0 : entry.length;
    }
    long (*real)(long, ...);
    find_real(&real, "syscall");
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5]);
}

static int fcntl_or_error(int fd, int command, long argument)
{
    int (*real)(int, int, ...);
    find_real(&real, "fcntl");
    return fd == unreadable_fd ? fail_with(EIO) : real(fd, command, argument);
}

#define PLAY_FCNTL(name)                                                                           \
    int play_##name(int fd, int command, ...) __asm__(#name);                                      \
    int play_##name(int fd, int command, ...)                                                      \
    {                                                                                              \
        va_list list;                                                                              \
        va_start(list, command);                                                                   \
        long argument = va_arg(list, long);                                                        \
        va_end(list);                                                                              \
        return fcntl_or_error(fd, command, argument);                                              \
    }

PLAY_FCNTL(fcntl)
PLAY_FCNTL(fcntl64)

int select(int count, fd_set *in, fd_set *out, fd_set *other, struct timeval *limit)
{
    (void)in, (void)out, (void)other, (void)limit;
    if (count > table_size)
        return 0;
    errno = EBADF;
    return -1;
}

/* ---- directories --------------------------------------------------------------------------- */

static void each_type_of_entry_is_reported(void **state)
{
    static const unsigned char report[] = {DT_FIFO, DT_CHR,  DT_DIR,     DT_BLK, DT_REG,
                                           DT_LNK,  DT_SOCK, DT_UNKNOWN, 14,     255};
    static const int expected[] = {
        FDI_TYPE_FIFO,   FDI_TYPE_CHARACTER_DEVICE, FDI_TYPE_DIRECTORY, FDI_TYPE_BLOCK_DEVICE,
        FDI_TYPE_FILE,   FDI_TYPE_SYMLINK,          FDI_TYPE_SOCKET,    FDI_TYPE_UNKNOWN,
        FDI_TYPE_UNKNOWN};
    const fdi_dirent *entry;
    (void)state;
    fdi_dir *dir = fdi_opendir(fdi_path("."));
    types = report;
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_int_equal(fdi_readdir(dir, &entry), 1);
        assert_int_equal(entry->type, expected[i]);
    }
    assert_works(fdi_readdir(dir, &entry));
    types = NULL;
    assert_works(fdi_closedir(dir));
}

static void interrupted_reading_of_a_directory_is_repeated(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const fdi_dirent *entry;
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    interruptions = 3;
    assert_works(fdi_readdir(dir, &entry));
    assert_string_equal(entry->name, "file");
    assert_int_equal(interruptions, 0);
    interruptions = 2;
    assert_int_equal(fdi_readdir(dir, &entry), 0);
    assert_works(fdi_closedir(dir));
    file_tree_close(&tree);
}

static void directory_that_breaks_off_is_an_error(void **state)
{
    struct file_tree tree = file_tree_open(state);
    const fdi_dirent *entry;
    fdi_dir *dir = fdi_opendir(fdi_path("dir"));
    readdir_error = EIO;
    getdents_before_error = 1;
    assert_fails(EIO, fdi_readdir(dir, &entry));
    readdir_error = getdents_before_error = 0;
    assert_works(fdi_closedir(dir));
    file_tree_close(&tree);
}

static void interrupted_query_of_a_limit_is_repeated(void **state)
{
    struct file_tree tree = file_tree_open(state);
    for (enum form form = FORM_PATH; form < FORMS; form++) {
        interruptions = 2;
        assert_works(fdi_pathconf(file_tree_file(&tree, form), _PC_NAME_MAX));
        assert_int_equal(interruptions, 0);
    }
    file_tree_close(&tree);
}

/* ---- open descriptors ----------------------------------------------------------------------- */

static int note(void *context, int fd, bool inheritable)
{
    uint64_t *open = context;
    (void)inheritable;
    if (fd < 64)
        *open |= UINT64_C(1) << fd;
    return 0;
}

static bool lists_in_a_large_table(const void *size)
{
    uint64_t found = 0, open = 0;
    table_size = *(const int *)size;
    if (!lose_proc())
        return false;
    for (int fd = 0; fd < 64; fd++)
        open |= (uint64_t)(fcntl(fd, F_GETFD) >= 0) << fd;
    errno = 0;
    return fdi_foreach_open(note, &found) == 0 ? found == open && table_size < INT_MAX
                                               : errno == ENOTSUP && table_size == INT_MAX;
}

enum { MANY = 300, LAST_OF_MANY = 1000 };

static bool open_many(bool with_proc)
{
    for (int i = 0; i < MANY; i++)
        if (dup3(1, LAST_OF_MANY - i, 0) < 0)
            return false;
    return with_proc || lose_proc();
}

static int count_high(void *count, int fd, bool inheritable)
{
    *(int *)count += fd > LAST_OF_MANY - MANY && fd <= LAST_OF_MANY && inheritable;
    return 0;
}

/* The stack that the listing uses holds no number of an earlier one. */
static int count_many(void)
{
    volatile char stack[16384];
    int count = 0;
    for (size_t i = 0; i < sizeof stack; i++)
        stack[i] = 0;
    return fdi_foreach_open(count_high, &count) < 0 ? -1 : count;
}

static bool lists_all(const void *size)
{
    procfs_size = *(const int64_t *)size;
    table_size = 64;
    return open_many(true) && count_many() == MANY;
}

/* A scan up to the table size that select reports here would miss them. */
static void listing_is_complete_if_the_number_of_descriptors_is_unknown_or_huge(void **state)
{
    static const int64_t sizes[] = {0, (1 << 26) + 1, INT64_C(1) << 40};
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(apart(lists_all, &sizes[i]));
}

static bool all_are_inheritable(void)
{
    for (int i = 0; i < MANY; i++)
        if (fdi_get_inheritable(LAST_OF_MANY - i) != 1)
            return false;
    return true;
}

/* The second call is the first one after entries were returned. */
static bool breaks_off_in_procfs(const void *unused)
{
    (void)unused;
    procfs_size = 0;
    if (!open_many(true))
        return false;
    getdents_before_error = 2;
    bool is_error = count_many() == -1 && errno == EIO;
    return is_error && getdents_before_error == 0 && count_many() == MANY && all_are_inheritable();
}

static bool breaks_off_in_a_scan(const void *unused)
{
    (void)unused;
    table_size = 1024;
    if (!open_many(false))
        return false;
    unreadable_fd = LAST_OF_MANY - MANY / 2;
    bool is_error = count_many() == -1 && errno == EIO;
    unreadable_fd = -1;
    return is_error && count_many() == MANY && all_are_inheritable();
}

static void listing_that_breaks_off_is_an_error(void **state)
{
    (void)state;
    assert_true(apart(breaks_off_in_procfs, NULL));
    assert_true(apart(breaks_off_in_a_scan, NULL));
}

static void fd_table_is_scanned_up_to_half_a_billion_numbers(void **state)
{
    (void)state;
    assert_true(apart(lists_in_a_large_table, &(int){64}));
    assert_true(apart(lists_in_a_large_table, &(int){1 << 17}));
    assert_true(apart(lists_in_a_large_table, &(int){(1 << 17) + 64}));
    assert_true(apart(lists_in_a_large_table, &(int){INT_MAX}));
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(each_type_of_entry_is_reported),
        CASE(interrupted_reading_of_a_directory_is_repeated),
        CASE(directory_that_breaks_off_is_an_error),
        CASE(interrupted_query_of_a_limit_is_repeated),
        CASE(listing_is_complete_if_the_number_of_descriptors_is_unknown_or_huge),
        CASE(listing_that_breaks_off_is_an_error),
        CASE(fd_table_is_scanned_up_to_half_a_billion_numbers),
    };
    return cmocka_run_group_tests(cases, NULL, NULL);
}
