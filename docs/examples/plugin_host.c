/* SPDX-License-Identifier: MIT
 * A host that runs each plug-in as a process with its own socket.
 *
 *   plugin_host PLUGIN...
 *
 * A plug-in receives stderr, and its end of the socket as descriptor 3, which is also its argument.
 * It receives no other descriptor of the host or of another plug-in. So a plug-in reads the end of
 * its input as soon as the host closes the socket. The host sends one line to each plug-in and
 * prints the replies. A plug-in may end without reading. */
#define _GNU_SOURCE 1
#include <fdinherit.h>

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONVERSATION = 3 }; /* the number in each plug-in */

struct plugin {
    char *path;
    fdi_process process;
    int socket; /* the host's end */
};

static int start(struct plugin *plugin)
{
    char number[] = {'0' + CONVERSATION, '\0'};
    char *argv[] = {plugin->path, number, NULL};
    int ends[2];
    if (fdi_socketpair(AF_UNIX, SOCK_STREAM, 0, ends, FDI_ABOVE_STDIO) < 0)
        return -1;
    const fdi_fd_map fds[] = {{STDERR_FILENO, STDERR_FILENO}, {ends[1], CONVERSATION}};
    fdi_spawn_options options = fdi_spawn_defaults();
    options.program = fdi_path(plugin->path);
    options.argv = argv;
    options.fds = fds;
    options.fd_count = sizeof fds / sizeof *fds;
    options.flags = FDI_SPAWN_NO_STDIO;
    plugin->socket = ends[0];
    int result = fdi_spawn(&plugin->process, &options);
    close(ends[1]);
    return result;
}

static int say(const struct plugin *plugin)
{
    static const char line[] = "hello\n";
    if (send(plugin->socket, line, sizeof line - 1, MSG_NOSIGNAL) < 0 && errno != EPIPE)
        return -1;
    return shutdown(plugin->socket, SHUT_WR);
}

static int listen_to(struct plugin *plugin)
{
    char line[512];
    int64_t status;
    FILE *answers = fdopen(plugin->socket, "r");
    if (!answers)
        return -1;
    while (fgets(line, sizeof line, answers))
        printf("%s: %s", plugin->path, line);
    fclose(answers);
    if (fdi_wait(&plugin->process, &status, -1, 0) < 0)
        return -1;
    printf("%s ended with %lld\n", plugin->path, (long long)status);
    return 0;
}

int main(int argc, char **argv)
{
    struct plugin *plugins = calloc((size_t)argc, sizeof *plugins);
    int count = argc - 1;
    int result = plugins ? 0 : -1;
    for (int i = 0; i < count && result == 0; i++) {
        plugins[i].path = argv[i + 1];
        result = start(&plugins[i]);
    }
    for (int i = 0; i < count && result == 0; i++)
        if (say(&plugins[i]) < 0 || listen_to(&plugins[i]) < 0)
            result = -1;
    if (result < 0)
        perror("plugin_host");
    free(plugins);
    return result == 0 ? 0 : 1;
}
