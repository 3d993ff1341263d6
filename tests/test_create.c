/* SPDX-License-Identifier: MIT
 * Descriptors born non-inheritable, proved by children. */
#include "../src/platform.h"
#include "support/fixture.h"
#include "support/child.h"
#include "support/files.h"
#include "fdinherit.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Not inherited; then closed. */
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

static void flags_of_another_namespace_do_not_pass_silently(void **state)
{
    (void)state;
    const int fd_cloexec = 1; /* FD_CLOEXEC, a flag of fcntl, which open takes for O_WRONLY */
    make_file("file", "");
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDWR | fd_cloexec, 0));
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY, 010000));
    assert_fails(EINVAL, fdi_open(fdi_fd(0), O_RDONLY | O_CREAT, 0600));
#if defined(O_CLOEXEC)
    assert_fails(EINVAL, fdi_open(fdi_path("file"), O_RDONLY, O_CLOEXEC));
#endif
}

/* ---- fopen --------------------------------------------------------------------------------- */

static void fopen_takes_every_mode_of_c11_and_posix(void **state)
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
        assert_works((stream = fdi_fopen(fdi_path("file"), modes[i])) ? 0 : -1);
        assert_int_equal(fclose(stream), 0);
        assert_file_is("file", modes[i][0] == 'w' ? "" : "text");
    }
}

static void fopen_exclusive_makes_the_file_or_fails(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "wx", "wbx", "w+x", "wb+x", "w+bx", "ax", "a+x", "wxe", "wex", "wx+",
    };
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        FILE *stream = NULL;
        assert_works((stream = fdi_fopen(fdi_path("file"), modes[i])) ? 0 : -1);
        assert_fails(EEXIST, fdi_fopen(fdi_path("file"), modes[i]) ? 0 : -1);
        fclose(stream);
        assert_int_equal(remove("file"), 0);
    }
}

static void fopen_refuses_other_modes(void **state)
{
    (void)state;
    static const char *const modes[] = {
        "",   "x",   "e",   "b",   "+",   "q",  "rw", "wr", "rx",          "r+x",  "rr", "r ",
        " r", "rbb", "r++", "ree", "wxx", "rt", "rm", "rc", "r,ccs=UTF-8", "r+b+", "R",
    };
    make_file("file", "text");
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++)
        assert_fails(EINVAL, fdi_fopen(fdi_path("file"), modes[i]) ? 0 : -1);
    assert_fails(EINVAL, fdi_fopen(fdi_path("file"), NULL) ? 0 : -1);
    assert_file_is("file", "text");
}

static void fopen_does_what_the_mode_says(void **state)
{
    (void)state;
    char text[8] = {0};
    make_file("file", "12");
    FILE *stream = fdi_fopen(fdi_path("file"), "ab");
    fputs("34", stream);
    fclose(stream);
    assert_file_is("file", "1234");
    stream = fdi_fopen(fdi_path("file"), "r+b");
    assert_int_equal(fread(text, 1, 2, stream), 2);
    fseek(stream, 0, SEEK_CUR);
    fputs("x", stream);
    fclose(stream);
    assert_file_is("file", "12x4");
    stream = fdi_fopen(fdi_path("file"), "r");
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
        fdi_fopen(fdi_path("file"), "r"),
        fdi_fopen(fdi_path_at(here, "file"), "r+"),
        fdi_fopen(fdi_fd(fd), "r"),
        fdi_fopen_above_stdio(fdi_path("file"), "r"),
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

static void fopen_of_an_fd_opens_its_file_again(void **state)
{
    (void)state;
    make_file("file", "text");
    int fd = fdi_open(fdi_path("file"), O_RDWR, 0);
    assert_fails(EINVAL, fdi_fopen(fdi_fd(fd), "wx") ? 0 : -1);
    FILE *stream = NULL;
    assert_served(is_served(FDI_FN_OPEN, FORM_FD),
                  (stream = fdi_fopen(fdi_fd(fd), "w")) ? fileno(stream) : -1);
    if (stream) {
        assert_int_not_equal(fileno(stream), fd);
        fclose(stream);
    }
    assert_file_is("file", stream ? "" : "text");
    close(fd);
    assert_fails(EBADF, fdi_fopen(fdi_fd(fd), "r") ? 0 : -1);
    assert_fails(EBADF, fdi_fopen(fdi_fd(-1), "r") ? 0 : -1);
    assert_fails(ENOENT, fdi_fopen(fdi_path("missing"), "r") ? 0 : -1);
}

/* ---- dup and dup2 -------------------------------------------------------------------------- */

static void duplicate_is_not_inherited_though_the_original_is(void **state)
{
    (void)state;
    int fd = open_null(true);
    int copy = -1;
    assert_works(copy = fdi_dup(fd));
    assert_born_private(copy);
    assert_true(child_has(fd));
    close(fd);
}

static void dup_of_a_closed_fd_is_ebadf(void **state)
{
    (void)state;
    assert_fails(EBADF, fdi_dup(4000));
    assert_fails(EBADF, fdi_dup(-1));
    assert_fails(EBADF, fdi_dup(INT_MAX));
    assert_fails(EBADF, fdi_dup(INT_MIN));
}

static void dup2_is_inherited_if_it_is_to_be(void **state)
{
    (void)state;
    int fd = open_null(false);
    int target = open_null(false);
    assert_works(fdi_dup2(fd, target, true));
    assert_true(child_has(target));
    assert_int_equal(fdi_dup2(fd, target, false), target);
    assert_false(child_has(target));
    assert_int_equal(fdi_dup2(fd, target, true), target);
    assert_true(child_has(target));
    assert_false(child_has(fd));
    close(fd);
    close(target);
}

static void dup2_to_a_closed_number_opens_it(void **state)
{
    (void)state;
    int fd = open_null(true);
    assert_works(fdi_dup2(fd, 40, false));
    assert_born_private(40);
    close(fd);
}

static void dup2_onto_itself_sets_the_flag(void **state)
{
    (void)state;
    int fd = open_null(false);
    assert_works(fdi_dup2(fd, fd, true));
    assert_true(child_has(fd));
    assert_int_equal(fdi_dup2(fd, fd, false), fd);
    assert_false(child_has(fd));
    close(fd);
    assert_fails(EBADF, fdi_dup2(fd, fd, true));
    assert_fails(EBADF, fdi_dup2(fd, fd, false));
}

static void failed_dup2_leaves_the_target_as_it_was(void **state)
{
    (void)state;
    make_file("file", "text");
    for (int inheritable = 0; inheritable < 2; inheritable++) {
        char text[8] = {0};
        int target = fdi_open(fdi_path("file"), O_RDONLY, 0);
        assert_fails(EBADF, fdi_dup2(4000, target, inheritable));
        assert_fails(EBADF, fdi_dup2(-1, target, inheritable));
        assert_false(child_has(target));
        assert_int_equal(read(target, text, 4), 4);
        assert_string_equal(text, "text");
        assert_fails(EBADF, fdi_dup2(target, -1, inheritable));
        assert_fails(EBADF, fdi_dup2(target, INT_MAX, inheritable));
        close(target);
    }
}

/* ---- pipe and mkstemp ---------------------------------------------------------------------- */

static void pipe_is_not_inherited_and_carries(void **state)
{
    (void)state;
    char text[4] = {0};
    int fds[2];
    assert_works(fdi_pipe(fds));
    assert_int_equal(write(fds[1], "abc", 3), 3);
    assert_int_equal(read(fds[0], text, 3), 3);
    assert_string_equal(text, "abc");
    assert_born_private(fds[0]);
    assert_born_private(fds[1]);
    assert_fails(EINVAL, fdi_pipe(NULL));
}

static void mkstemp_makes_a_new_file_that_is_not_inherited(void **state)
{
    (void)state;
    char name[] = "temporary-XXXXXX";
    int fd = -1;
    assert_works(fd = fdi_mkstemp(name));
    assert_string_not_equal(name, "temporary-XXXXXX");
    assert_int_equal(write(fd, "abc", 3), 3);
    assert_born_private(fd);
    assert_file_is(name, "abc");
}

static void failed_mkstemp_leaves_the_template_alone(void **state)
{
    (void)state;
    char missing[] = "missing/XXXXXX";
    char plain[] = "temporary";
    char early[] = "XXXXXX.c";
    assert_fails(ENOENT, fdi_mkstemp(missing));
    assert_string_equal(missing, "missing/XXXXXX");
    assert_fails(EINVAL, fdi_mkstemp(plain));
    assert_fails(EINVAL, fdi_mkstemp(early));
    assert_fails(EINVAL, fdi_mkstemp(NULL));
}

static void misuse_is_einval(void **state)
{
    (void)state;
    int fd;
    assert_fails(EINVAL, fdi_openpty(NULL, &fd));
    assert_fails(EINVAL, fdi_openpty(&fd, NULL));
    assert_fails(EINVAL, fdi_memfd_create(NULL, 0));
    assert_fails(EINVAL, fdi_above_stdio_many(0, NULL, 1));
    assert_int_equal(fdi_above_stdio_many(5, NULL, 0), 5);
    assert_fails(EINVAL, fdi_fopen_above_stdio(fdi_path("new"), "q") ? 0 : -1);
    assert_fails(EINVAL, fdi_fopen_above_stdio(fdi_fd(0), "wx") ? 0 : -1);
}

/* ---- away from stdio ----------------------------------------------------------------------- */

static void above_stdio_passes_a_failure_through(void **state)
{
    (void)state;
    int fds[1] = {-7};
    assert_fails(ENOENT, fdi_above_stdio(fdi_open(fdi_path("missing"), O_RDONLY, 0)));
    assert_fails(EBADF, fdi_above_stdio_many(fdi_dup(-1), fds, 1));
    assert_int_equal(fds[0], -7);
}

static void above_stdio_leaves_higher_numbers_alone(void **state)
{
    (void)state;
    int fds[2];
    int fd = fdi_dup(2);
    assert_true(fd >= 3);
    assert_int_equal(fdi_above_stdio(fd), fd);
    close(fd);
    assert_works(fdi_above_stdio_many(fdi_pipe(fds), fds, 2));
    close(fds[0]);
    close(fds[1]);
}

/* With stdin closed for as long as `make` runs, whose answer it returns. */
static int without_stdin(int (*make)(void))
{
    int kept = fdi_dup(0);
    close(0);
    int made = make();
    assert_int_equal(fdi_dup2(kept, 0, true), 0);
    close(kept);
    return made;
}

static int make_low(void)
{
    int fd = open_null(true);
    return fd == 0 ? fdi_above_stdio(fd) : -1;
}

static int make_low_stream(void)
{
    FILE *stream = fdi_fopen_above_stdio(fdi_path("file"), "w");
    int fd = stream ? fdi_dup(fileno(stream)) : -1;
    bool is_above = stream && fileno(stream) > 2;
    if (stream)
        fclose(stream);
    return is_above ? fdi_above_stdio(fd) : -1;
}

static int make_low_pipe(void)
{
    int fds[2] = {-1, -1};
    int result = fdi_above_stdio_many(fdi_pipe(fds), fds, 2);
    bool are_above = fds[0] > 2 && fds[1] > 2;
    close(fds[1]);
    return result == 0 && are_above ? fds[0] : -1;
}

static void above_stdio_moves_the_numbers_of_stdio(void **state)
{
    (void)state;
    int (*const makers[])(void) = {make_low, make_low_stream, make_low_pipe};
    for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
        int fd = without_stdin(makers[i]);
        assert_true(fd > 2);
        assert_born_private(fd);
    }
}

int main(void)
{
    const struct CMUnitTest cases[] = {
        CASE(opened_file_is_not_inherited),
        CASE(flags_of_another_namespace_do_not_pass_silently),
        CASE(fopen_takes_every_mode_of_c11_and_posix),
        CASE(fopen_exclusive_makes_the_file_or_fails),
        CASE(fopen_refuses_other_modes),
        CASE(fopen_does_what_the_mode_says),
        CASE(fopen_is_not_inherited_in_any_form),
        CASE(fopen_of_an_fd_opens_its_file_again),
        CASE(duplicate_is_not_inherited_though_the_original_is),
        CASE(dup_of_a_closed_fd_is_ebadf),
        CASE(dup2_is_inherited_if_it_is_to_be),
        CASE(dup2_to_a_closed_number_opens_it),
        CASE(dup2_onto_itself_sets_the_flag),
        CASE(failed_dup2_leaves_the_target_as_it_was),
        CASE(pipe_is_not_inherited_and_carries),
        CASE(mkstemp_makes_a_new_file_that_is_not_inherited),
        CASE(failed_mkstemp_leaves_the_template_alone),
        CASE(misuse_is_einval),
        CASE(above_stdio_passes_a_failure_through),
        CASE(above_stdio_leaves_higher_numbers_alone),
        CASE(above_stdio_moves_the_numbers_of_stdio),
    };
    return cmocka_run_group_tests_name("create", cases, NULL, NULL);
}
