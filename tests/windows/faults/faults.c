/* SPDX-License-Identifier: MIT
 * Makes each Windows call of each public function fail in turn, with every error of its kind. The
 * function must then report the error and change nothing, or succeed by another call. */
#include "../../../src/platform.h"
#include "../../support/fixture.h"
#include "../../support/socket.h"
#include "../../support/windows_run_time.h"
#include "injector.h"
#include "killed.h"
#include "scenarios.h"

#include <windows.h>

#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/windows/win.h"

enum { NUMBERS = 64, HANDLES = 64, TREE = 4096, MOST_CALLS = 512, FEWEST = 8000 };

static int injections;

/* ---- the errors ------------------------------------------------------------------------------ */

/* Documented errors in the codes of each kind of call. 0 is a failure without a code. */
static const long last_errors[] = {
    ERROR_ACCESS_DENIED,        ERROR_NOT_ENOUGH_MEMORY,   ERROR_INVALID_PARAMETER,
    ERROR_NOT_SUPPORTED,        ERROR_SHARING_VIOLATION,   ERROR_INVALID_FUNCTION,
    ERROR_INVALID_HANDLE,       ERROR_NO_SYSTEM_RESOURCES, ERROR_IO_DEVICE,
    ERROR_CALL_NOT_IMPLEMENTED, ERROR_FILE_NOT_FOUND,      ERROR_SUCCESS};
static const long statuses[] = {
    (long)0xC0000022 /* access denied */,     (long)0xC000009A /* insufficient resources */,
    (long)0xC000000D /* invalid parameter */, (long)0xC0000002 /* not implemented */,
    (long)0xC0000003 /* invalid class */,     (long)0xC00000BB /* not supported */,
    (long)0xC0000043 /* sharing violation */, (long)0xC0000034 /* name not found */,
    (long)0xC0000185 /* device error */,      (long)0xC0000010 /* invalid device request */,
    (long)0xC0000056 /* delete pending */,    (long)0xC0000008 /* invalid handle */,
    (long)0xC0000121 /* cannot delete */,     (long)0xC0000035 /* name collision */,
};
static const long winsock_errors[] = {WSAENOBUFS,    WSAEMFILE,   WSAENETDOWN,  WSAEINVAL,
                                      WSAEOPNOTSUPP, WSAENOTSOCK, WSAECONNRESET};
static const long run_time_errors[] = {EMFILE, ENOMEM, EBADF};
static const long memory_errors[] = {ENOMEM};

#define LIST(codes)                                                                                \
    {                                                                                              \
        codes, sizeof codes / sizeof *codes                                                        \
    }

static const struct {
    const long *codes;
    size_t count;
} errors[] = {LIST(last_errors), LIST(statuses), LIST(winsock_errors), LIST(run_time_errors),
              LIST(memory_errors)};

/* ---- the state of the process ---------------------------------------------------------------- */

/* A failed function must leave all of this unchanged. */
struct state {
    bool fds[NUMBERS];
    unsigned char handles[HANDLES]; /* 0: closed, 1: open, 3: and inheritable */
    int allocated;
    char tree[TREE];
};

static void describe_folder(const char *folder, char *text)
{
    char pattern[MAX_PATH];
    WIN32_FIND_DATAA entry;
    sprintf(pattern, "%s\\*", folder);
    HANDLE search = FindFirstFileA(pattern, &entry);
    do {
        if (entry.cFileName[0] == '.')
            continue;
        bool is_folder = entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
        sprintf(text + strlen(text), "%s\\%s %lx %lu %lx;", folder, entry.cFileName,
                entry.dwFileAttributes, entry.nFileSizeLow,
                is_folder ? 0 : entry.ftLastWriteTime.dwLowDateTime);
        if (is_folder) {
            char below[MAX_PATH];
            sprintf(below, "%s\\%s", folder, entry.cFileName);
            describe_folder(below, text);
        }
    } while (FindNextFileA(search, &entry));
    FindClose(search);
}

static void look(struct state *state)
{
    memset(state, 0, sizeof *state);
    for (int fd = 0; fd < NUMBERS; fd++)
        state->fds[fd] = run_time_has(fd);
    for (int i = 1; i < HANDLES; i++) {
        DWORD flags;
        if (GetHandleInformation((HANDLE)(intptr_t)(4 * i), &flags))
            state->handles[i] = (unsigned char)(flags & HANDLE_FLAG_INHERIT ? 3 : 1);
    }
    state->allocated = injector_allocated();
    describe_folder(".", state->tree);
}

static int count_open(const struct state *state)
{
    int count = 0;
    for (int i = 0; i < HANDLES; i++)
        count += state->handles[i] != 0;
    return count;
}

/* A successful function may change inheritable flags, handle values and files. */
static const char *difference(const struct state *before, const struct state *after, bool failed)
{
    if (memcmp(before->fds, after->fds, sizeof before->fds) != 0)
        return "descriptors";
    if (count_open(before) != count_open(after) ||
        (failed && memcmp(before->handles, after->handles, sizeof before->handles) != 0))
        return "handles";
    if (before->allocated != after->allocated)
        return "memory";
    return failed && strcmp(before->tree, after->tree) != 0 ? "files" : NULL;
}

/* ---- one injection --------------------------------------------------------------------------- */

static void complain(const struct scenario *scenario, struct injection injection, const char *what,
                     int64_t result, int error)
{
    printf("# %s, with call %d (%s) failing by %lx%s: %s (result %d, errno %d)\n", scenario->name,
           injection.at, injector_name(injection.at), injection.code,
           injection.later ? " from then on" : "", what, (int)result, error);
}

static int meaning(struct injection injection)
{
    switch (injector_kind(injection.at)) {
    case LAST_ERROR:
    case WINSOCK:
        (void)fdi__win_fail((DWORD)injection.code);
        return errno;
    case STATUS:
        (void)fdi__nt_fail((NTSTATUS)injection.code);
        return errno;
    default:
        return (int)injection.code;
    }
}

/* The function must report the injected error, or that Windows does not support the operation. */
static bool is_documented(struct injection injection, int error, int natural)
{
    int meant = meaning(injection);
    if (error == 0 || error == UNTOUCHED)
        return false;
    if (injection.code == 0 || error == meant || error == natural)
        return true; /* code 0 has no errno */
    if (meant == EMFILE && error == EBADF)
        return true; /* dup2: no number is free, so fd2 may be past the last */
    if (meant == ENOENT && error == EBUSY)
        return true; /* chdir: the directory is no longer at its path */
    if (strcmp(injector_name(injection.at), "GetFinalPathNameByHandleW") == 0)
        return error == EBUSY || error == ENOTDIR; /* Wine opens no path by a volume's id */
    if (strcmp(injector_name(injection.at), "GetProcessId") == 0)
        return error == ECHILD || error == EINVAL; /* the handle is no process */
    if (meant == EBADF && strcmp(injector_name(injection.at), "_dup") == 0)
        return error == EMFILE; /* Wine's error if no number is free */
    if (strcmp(injector_name(injection.at), "rand_s") == 0)
        return error == EIO;
    return error == ENOTSUP || (meant == ENOTSUP && error == EACCES);
}

/* The initial tree and state of a scenario. */
static struct {
    void *fixture;
    struct state state;
} tree;

static void tree_open(void)
{
    if (fixture_setup(&tree.fixture) != 0)
        abort();
    surroundings_build();
    look(&tree.state);
}

static void tree_close(void)
{
    surroundings_leave();
    if (fixture_teardown(&tree.fixture) != 0)
        abort();
}

/* Replaces a changed tree by a new one. */
static void tree_renew(bool changed)
{
    if (changed) {
        tree_close();
        tree_open();
    }
}

static bool could_not_undo(const struct scenario *scenario, struct injection injection)
{
    return scenario->undo && strcmp(scenario->undo, injector_name(injection.at)) == 0 &&
           (injection.later || scenario->undo_only);
}

static bool holds(const struct scenario *scenario, struct injection injection, int natural)
{
    struct state after;
    injector_start(injection);
    errno = UNTOUCHED;
    int64_t result = scenario->act();
    int error = errno;
    injector_end();
    look(&after);
    injections += injector_did();
    const char *changed = difference(&tree.state, &after, result < 0);
    tree_renew(result >= 0 || changed);
    if (could_not_undo(scenario, injection))
        return true;
    bool good = result < 0 ? is_documented(injection, error, natural) : error == UNTOUCHED;
    if (changed)
        complain(scenario, injection, changed, result, error);
    else if (!good)
        complain(scenario, injection, "the error", result, error);
    return good && !changed;
}

/* ---- all injections -------------------------------------------------------------------------- */

struct plan {
    int calls;
    int natural;
    enum kind kinds[MOST_CALLS];
};

/* Runs a scenario without an injection to record its calls and its result. */
static struct plan find_out(const struct scenario *scenario)
{
    struct plan plan = {0, 0, {LAST_ERROR}};
    injector_start((struct injection){.at = 0});
    if (scenario->act() < 0)
        plan.natural = errno;
    for (; plan.calls < injector_calls() && plan.calls < MOST_CALLS; plan.calls++)
        plan.kinds[plan.calls] = injector_kind(plan.calls + 1);
    tree_renew(true);
    return plan;
}

static bool try_all(const struct scenario *scenario)
{
    tree_open();
    struct plan plan = find_out(scenario);
    bool good = true;
    for (int call = 0; call < plan.calls; call++)
        for (size_t i = 0; i < 2 * errors[plan.kinds[call]].count; i++) {
            struct injection injection = {
                .at = call + 1,
                .code = errors[plan.kinds[call]].codes[i / 2],
                .later = i % 2,
            };
            good &= holds(scenario, injection, plan.natural);
        }
    tree_close();
    return good;
}

/* Arguments limit the run to the scenarios named. */
static bool is_wanted(const char *name, int count, char **names)
{
    for (int i = 1; i < count; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return count < 2;
}

static int bad, number;

static void try_wanted(const struct scenario *list, int count, int argc, char **argv)
{
    for (int i = 0; i < count; i++)
        if (is_wanted(list[i].name, argc, argv)) {
            int start = injections;
            bool good = try_all(&list[i]);
            bad += !good;
            printf("%sok %d - %s: %d injections\n", good ? "" : "not ", ++number, list[i].name,
                   injections - start);
            fflush(stdout);
        }
}

static void try_to_kill(const char *self)
{
    int calls;
    bool good = killed_everywhere(self, &calls);
    bad += !good;
    printf("%sok %d - a process killed at any of %d calls of fdi_spawn leaves nothing\n",
           good ? "" : "not ", ++number, calls);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "kill") == 0)
        return killed_start_child(atoi(argv[2]), atoi(argv[3]));
    if (is_wanted("killed", argc, argv))
        try_to_kill(argv[0]);
    sockets_start();
    try_wanted(scenarios, scenario_count, argc, argv);
    try_wanted(child_scenarios, child_scenario_count, argc, argv);
    bool enough = argc > 1 || injections >= FEWEST;
    printf("%sok %d - %d injections, at least %d\n1..%d\n", enough ? "" : "not ", number + 1,
           injections, FEWEST, number + 1);
    return bad || !enough;
}
