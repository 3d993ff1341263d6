/* SPDX-License-Identifier: MIT
 * Every function that creates descriptors creates them private. A child proves it. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "support/files.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Asserts that no child inherits `fd`, then closes it. */
static void assert_born_private(int fd)
{
    assert_true(fd >= 0);
    assert_false(child_has(fd));
    assert_int_equal(close(fd), 0);
}

/* ---- open ---------------------------------------------------------------------------------- */

static void opened_file_is_not_inherited(void **state)
{
    (void)state;
    int fd = -1;
    assert_works(fd = fdi_open(fdi_path("new"), O_RDWR | O_CREAT, 0600));
    assert_born_private(fd);
}

static void open_rejects_flags_of_another_function(void **state)
{
    (void)state;
    const int fd_cloexec = 1; /* fcntl's FD_CLOEXEC equals O_WRONLY */
    make_file("file", "");
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDWR | fd_cloexec, 0));
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY, 010000));
    assert_fails(EINVAL, fdi_open(fdi_fd(0), O_RDONLY | O_CREAT, 0600));
#if defined(O_CLOEXEC)
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY, O_CLOEXEC));
#endif
}

/* ---- fopen --------------------------------------------------------------------------------- */

static void fopen_accepts_every_mode_of_c11_and_posix(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "r",   "w",   "a",   "rb",  "wb",   "ab",   "r+",   "w+",   "a+",  "rb+",
        "r+b", "wb+", "w+b", "ab+", "a+b",  "re",   "we",   "ae",   "r+e", "re+",
        "rbe", "reb", "w+e", "a+e", "rb+e", "r+be", "we+b", "ae+b",
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        FILE *stream = NULL;
        make_file("file", "text");
        assert_works((stream = fdi_fopen(fdi_path("file"), modes[i], 0)) ? 0 : -1);
        assert_int_equal(fclose(stream), 0);
        assert_file_is("file", modes[i][0] == 'w' ? "" : "text");
    }
}

static void exclusive_fopen_creates_the_file_or_fails(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "wx", "wbx", "w+x", "wb+x", "w+bx", "ax", "a+x", "wxe", "wex", "wx+",
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        FILE *stream = NULL;
        assert_works((stream = fdi_fopen(fdi_path("file"), modes[i], 0)) ? 0 : -1);
        assert_fails(EEXIST, fdi_fopen(fdi_path("file"), modes[i], 0) ? 0 : -1);
        fclose(stream);
        assert_int_equal(remove("file"), 0);
    }
}

static void fopen_rejects_other_modes(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "",   "x",   "e",   "b",   "+",   "q",  "rw", "wr", "rx",          "r+x",  "rr", "r ",
        " r", "rbb", "r++", "ree", "wxx", "rt", "rm", "rc", "r,ccs=UTF-8", "r+b+", "R",
    };
    make_file("file", "text");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        assert_fails(EINVAL, fdi_fopen(fdi_path("file"), modes[i], 0) ? 0 : -1);
    assert_fails(EINVAL, fdi_fopen(fdi_path("file"), NULL, 0) ? 0 : -1);
    assert_file_is("file", "text");
}

static void fopen_reads_and_writes_as_its_mode_allows(void **state)
{
    (void)state;
    char text[8] = {0};
    make_file("file", "12");
    FILE *stream = fdi_fopen(fdi_path("file"), "ab", 0);
    fputs("34", stream);
    fclose(stream);
    assert_file_is("file", "1234");
    stream = fdi_fopen(fdi_path("file"), "r+b", 0);
    assert_int_equal(fread(text, 1, 2, stream), 2);
    fseek(stream, 0, SEEK_CUR);
    fputs("x", stream);
    fclose(stream);
    assert_file_is("file", "12x4");
    stream = fdi_fopen(fdi_path("file"), "r", 0);
    assert_true(fputc('y', stream) == EOF);
    fclose(stream);
}

static void fopen_is_not_inherited_in_any_form(void **state)
{
    (void)state;
    make_file("file", "text");
    int fd = fdi_open(fdi_path("file"), O_RDWR, 0);
    int here = fdi_open(fdi_path("."), O_RDONLY, 0);
    FILE *streams[] = {
        fdi_fopen(fdi_path("file"), "r", 0),
        fdi_fopen(fdi_path_at(here, "file"), "r+", 0),
        fdi_fopen(fdi_fd(fd), "r", 0),
        fdi_fopen(fdi_path("file"), "r", FDI_ABOVE_STDIO),
    };
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        char text[8] = {0};
        assert_int_equal(!streams[i], i == 2 && !is_served(FDI_FN_OPEN, FORM_FD));
        if (!streams[i])
            continue;
        assert_false(child_has(fileno(streams[i])));
        assert_int_equal(fread(text, 1, 4, streams[i]), 4);
        assert_string_equal(text, "text");
        fclose(streams[i]);
    }
    assert_int_equal(close(fd), 0);
    close(here);
}

static void fopen_of_an_fd_reopens_its_file(void **state)
{
    (void)state;
    make_file("file", "text");
    int fd = fdi_open(fdi_path("file"), O_RDWR, 0);
    assert_fails(EINVAL, fdi_fopen(fdi_fd(fd), "wx", 0) ? 0 : -1);
    FILE *stream = NULL;
    assert_served(is_served(FDI_FN_OPEN, FORM_FD),
                  (stream = fdi_fopen(fdi_fd(fd), "w", 0)) ? fileno(stream) : -1);
    if (stream) {
        assert_int_not_equal(fileno(stream), fd);
        fclose(stream);
    }
    assert_file_is("file", stream ? "" : "text");
    close(fd);
    assert_fails(EBADF, fdi_fopen(fdi_fd(fd), "r", 0) ? 0 : -1);
    assert_fails(EBADF, fdi_fopen(fdi_fd(-1), "r", 0) ? 0 : -1);
    assert_fails(ENOENT, fdi_fopen(fdi_path("missing"), "r", 0) ? 0 : -1);
}

/* ---- pipes and terminals ------------------------------------------------------------------- */

static void pipe_is_not_inherited_and_transfers_data(void **state)
{
    (void)state;
    char text[4] = {0};
    int fds[2];
    assert_works(fdi_pipe(fds, 0));
    assert_int_equal(write(fds[1], "abc", 3), 3);
    assert_int_equal(read(fds[0], text, 3), 3);
    assert_string_equal(text, "abc");
    assert_born_private(fds[0]);
    assert_born_private(fds[1]);
    assert_fails(EINVAL, fdi_pipe(NULL, 0));
}

static void pipe_has_the_requested_blocking_mode(void **state)
{
    (void)state;
#if defined(_WIN32)
    int fds[2] = {-7, -8};
    assert_fails(ENOTSUP, fdi_pipe(fds, FDI_NONBLOCK));
    assert_fails(ENOTSUP, fdi_pipe(fds, FDI_NONBLOCK | FDI_ABOVE_STDIO));
    assert_true(fds[0] == -7 && fds[1] == -8);
#else
    const unsigned flags[] = {0, FDI_NONBLOCK, FDI_NONBLOCK | FDI_ABOVE_STDIO};
    for (int i = 0; i < 3; i++) {
        int fds[2];
        assert_works(fdi_pipe(fds, flags[i]));
        for (int end = 0; end < 2; end++) {
            assert_int_equal((fcntl(fds[end], F_GETFL) & O_NONBLOCK) != 0, i > 0);
            assert_born_private(fds[end]);
        }
    }
#endif
}

static void terminal_is_not_inherited_and_transfers_data(void **state)
{
    (void)state;
    char text[2] = {0};
    int primary = -7, secondary = -8;
    assert_served(system_has(FDI_FN_OPENPTY), fdi_openpty(&primary, &secondary, 0));
    if (!system_has(FDI_FN_OPENPTY)) {
        assert_true(primary == -7 && secondary == -8);
        return;
    }
    assert_int_equal(write(secondary, "x", 1), 1);
    assert_int_equal(read(primary, text, 1), 1);
    assert_string_equal(text, "x");
    assert_born_private(primary);
    assert_born_private(secondary);
}

static void foreign_flags_are_einval_and_change_nothing(void **state)
{
    (void)state;
    int fds[2] = {-7, -8};
    for (int bit = 0; bit < 32; bit++) {
        unsigned flag = 1U << bit;
        if (flag == FDI_ABOVE_STDIO)
            continue;
        if (flag != FDI_NONBLOCK)
            assert_fails(EINVAL, fdi_pipe(fds, flag));
        assert_fails(EINVAL, fdi_openpty(&fds[0], &fds[1], flag));
        assert_fails(EINVAL, fdi_openpty(&fds[0], &fds[1], FDI_ABOVE_STDIO | flag));
        assert_fails(EINVAL, fdi_fopen(fdi_path("new"), "w", flag) ? 0 : -1);
        assert_fails(EINVAL, fdi_fopen(fdi_path("new"), "w", FDI_ABOVE_STDIO | flag) ? 0 : -1);
    }
    assert_true(fds[0] == -7 && fds[1] == -8);
    assert_false(exists("new"));
}

static void misuse_is_einval(void **state)
{
    (void)state;
    int fd;
    assert_fails(EINVAL, fdi_openpty(NULL, &fd, 0));
    assert_fails(EINVAL, fdi_openpty(&fd, NULL, 0));
    assert_fails(EINVAL, fdi_memfd_create(NULL, 0));
    assert_fails(EINVAL, fdi_pipe(NULL, FDI_ABOVE_STDIO));
    assert_fails(EINVAL, fdi_openpty(NULL, NULL, FDI_ABOVE_STDIO));
    assert_fails(EINVAL, fdi_fopen(fdi_path("new"), "q", FDI_ABOVE_STDIO) ? 0 : -1);
    assert_fails(EINVAL, fdi_fopen(fdi_fd(0), "wx", FDI_ABOVE_STDIO) ? 0 : -1);
}

/* ---- FDI_ABOVE_STDIO ----------------------------------------------------------------------- */

static void above_stdio_returns_minus_one_unchanged(void **state)
{
    (void)state;
    assert_fails(ENOENT, fdi_above_stdio(fdi_open(fdi_path("missing"), O_RDONLY, 0)));
    assert_fails(EBADF, fdi_above_stdio(fdi_dup(-1, 0)));
    assert_fails(EBADF, fdi_dup(-1, FDI_ABOVE_STDIO));
    assert_fails(ENOENT, fdi_fopen(fdi_path("missing"), "r", FDI_ABOVE_STDIO) ? 0 : -1);
}

static void above_stdio_returns_higher_numbers_unchanged(void **state)
{
    (void)state;
    int fds[2];
    int fd = fdi_dup(2, 0);
    assert_true(fd >= 3);
    assert_int_equal(fdi_above_stdio(fd), fd);
    close(fd);
    assert_works(fdi_pipe(fds, FDI_ABOVE_STDIO));
    assert_true(fds[0] > 2 && fds[1] > 2);
    close(fds[0]);
    close(fds[1]);
}

/* Closes the numbers below `closed` while `make` runs. Returns the result of `make`, or -2 if
 * one of them is open afterwards. */
static int without_stdio(int closed, int (*make)(void))
{
    int kept[3];
    for (int fd = 0; fd < closed; fd++)
        kept[fd] = fdi_dup(fd, FDI_ABOVE_STDIO);
    for (int fd = 0; fd < closed; fd++)
        close(fd);
    int made = make();
    for (int fd = 0; fd < closed; fd++) {
        if (fdi_get_inheritable(fd) != -1)
            made = -2;
        assert_int_equal(fdi_dup2(kept[fd], fd, FDI_INHERITABLE), fd);
        close(kept[fd]);
    }
    return made;
}

static int make_low(void)
{
    int fd = open_null(true);
    return fd == 0 ? fdi_above_stdio(fd) : -1;
}

static int make_low_stream(void)
{
    FILE *stream = fdi_fopen(fdi_path("file"), "w", FDI_ABOVE_STDIO);
    int fd = stream && fileno(stream) > 2 ? fdi_dup(fileno(stream), FDI_ABOVE_STDIO) : -1;
    if (stream)
        fclose(stream);
    return fd;
}

static int make_low_duplicate(void)
{
    int fd = open_null(true);
    int copy = fdi_dup(fd, FDI_ABOVE_STDIO);
    close(fd);
    return copy;
}

static int make_low_pipe(void)
{
    int fds[2] = {-1, -1};
    int result = fdi_pipe(fds, FDI_ABOVE_STDIO);
    bool are_above = fds[0] > 2 && fds[1] > 2;
    close(fds[1]);
    return result == 0 && are_above ? fds[0] : -1;
}

static int make_low_terminal(void)
{
    int primary = -1, secondary = -1;
    if (!system_has(FDI_FN_OPENPTY))
        return make_low_pipe();
    int result = fdi_openpty(&primary, &secondary, FDI_ABOVE_STDIO);
    bool are_above = primary > 2 && secondary > 2;
    close(secondary);
    return result == 0 && are_above ? primary : -1;
}

static void above_stdio_moves_descriptors_out_of_stdio(void **state)
{
    (void)state;
    int (*const makers[])(void) = {make_low, make_low_stream, make_low_duplicate, make_low_pipe,
                                   make_low_terminal};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++)
        for (int closed = 1; closed <= 3; closed++) {
            int fd = without_stdio(closed, makers[i]);
            assert_true(fd > 2);
            assert_born_private(fd);
        }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(opened_file_is_not_inherited),
        CASE(open_rejects_flags_of_another_function),
        CASE(fopen_accepts_every_mode_of_c11_and_posix),
        CASE(exclusive_fopen_creates_the_file_or_fails),
        CASE(fopen_rejects_other_modes),
        CASE(fopen_reads_and_writes_as_its_mode_allows),
        CASE(fopen_is_not_inherited_in_any_form),
        CASE(fopen_of_an_fd_reopens_its_file),
        CASE(pipe_is_not_inherited_and_transfers_data),
        CASE(pipe_has_the_requested_blocking_mode),
        CASE(terminal_is_not_inherited_and_transfers_data),
        CASE(foreign_flags_are_einval_and_change_nothing),
        CASE(misuse_is_einval),
        CASE(above_stdio_returns_minus_one_unchanged),
        CASE(above_stdio_returns_higher_numbers_unchanged),
        CASE(above_stdio_moves_descriptors_out_of_stdio),
    };
    return cmocka_run_group_tests_name("create", cases, NULL, NULL);
}
