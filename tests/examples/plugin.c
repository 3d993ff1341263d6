/* SPDX-License-Identifier: MIT
 * A plug-in for the example plugin_host. It reads from the host until the end, and then reports its
 * open descriptors. It queries each number with fcntl. */
#include "../../src/platform.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    int host = argc > 1 ? atoi(argv[1]) : -1;
    char text[64];
    size_t heard = 0;
    ssize_t length;
    while ((length = read(host, text, sizeof text)) > 0)
        heard += (size_t)length;
    dprintf(host, "heard %zu bytes, has", heard);
    for (int fd = 0; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            dprintf(host, " %d", fd);
    dprintf(host, "\n");
    return length < 0;
}
