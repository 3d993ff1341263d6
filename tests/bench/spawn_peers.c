/* SPDX-License-Identifier: MIT
 * Other libraries, each used as its manual describes to pass descriptor 3. */
#include "../../src/platform.h"
#include "spawn_ways.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>

#ifdef HAVE_LIBUV
#include <uv.h>

static void on_exit_of(uv_process_t *process, int64_t status, int signal)
{
    *(int *)process->data = signal ? -1 : (int)status;
    uv_close((uv_handle_t *)process, NULL);
}

static int run_libuv(char *program)
{
    static uv_loop_t *loop;
    char *arguments[] = {program, NULL};
    uv_stdio_container_t stdio[4];
    uv_process_options_t options = {.file = program,
                                    .args = arguments,
                                    .exit_cb = on_exit_of,
                                    .stdio_count = 4,
                                    .stdio = stdio};
    uv_process_t process;
    int status = -1;
    if (!loop)
        loop = uv_default_loop();
    for (int fd = 0; fd < 4; fd++) {
        stdio[fd].flags = UV_INHERIT_FD;
        stdio[fd].data.fd = fd;
    }
    process.data = &status;
    if (uv_spawn(loop, &process, &options) < 0)
        return -1;
    uv_run(loop, UV_RUN_DEFAULT);
    return status;
}
#endif

#ifdef HAVE_GLIB
#include <glib.h>

static int run_glib(char *program)
{
    const gchar *arguments[] = {program, NULL};
    const int three[] = {3};
    GPid pid;
    int status;
    const GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_CHILD_INHERITS_STDIN;
    if (!g_spawn_async_with_pipes_and_fds(NULL, arguments, NULL, flags, NULL, NULL, -1, -1, -1,
                                          three, three, 1, &pid, NULL, NULL, NULL, NULL))
        return -1;
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
#endif

#ifdef HAVE_APR
#include <apr_general.h>
#include <apr_thread_proc.h>

static int run_apr(char *program)
{
    static apr_pool_t *top;
    const char *arguments[] = {program, NULL};
    apr_pool_t *pool;
    apr_procattr_t *attributes;
    apr_proc_t process;
    apr_exit_why_e why;
    int status = -1;
    if (!top) {
        apr_initialize();
        apr_pool_create(&top, NULL);
    }
    apr_pool_create(&pool, top);
    apr_procattr_create(&attributes, pool);
    apr_procattr_cmdtype_set(attributes, APR_PROGRAM_ENV);
    if (apr_proc_create(&process, program, arguments, NULL, attributes, pool) == APR_SUCCESS)
        apr_proc_wait(&process, &status, &why, APR_WAIT);
    apr_pool_destroy(pool);
    return status;
}
#endif

const struct way peer_ways[] = {
#ifdef HAVE_LIBUV
    {"libuv", run_libuv},
#endif
#ifdef HAVE_GLIB
    {"GLib", run_glib},
#endif
#ifdef HAVE_APR
    {"APR", run_apr},
#endif
    {NULL, NULL},
};
