/* SPDX-License-Identifier: MIT
 * Prints descriptors as a table or as JSON. */
#include "../platform.h"
#include "command.h"

#include <string.h>

#define BOLD   "\033[1m"
#define RED    "\033[31m"
#define NORMAL "\033[0m"

struct widths {
    int fd;
    int kind;
};

static struct widths measure(const struct descriptors *list)
{
    struct widths widths = {2, 4};
    for (size_t i = 0; i < list->count; i++) {
        int digits = snprintf(NULL, 0, "%d", list->items[i].fd);
        int kind = (int)strlen(list->items[i].kind);
        widths.fd = digits > widths.fd ? digits : widths.fd;
        widths.kind = kind > widths.kind ? kind : widths.kind;
    }
    return widths;
}

static void write_row(FILE *out, const struct descriptor *row, struct widths widths, bool coloured)
{
    bool red = coloured && row->inheritable && row->fd > 2;
    (void)fprintf(out, "%s%*d  %-11s  %-*s%s", red ? RED : "", widths.fd, row->fd,
                  row->inheritable ? "yes" : "no", widths.kind, row->kind, red ? NORMAL : "");
    if (row->refers_to && row->refers_to[0]) {
        (void)fputs("  ", out);
        write_escaped(out, row->refers_to);
    }
    (void)fputc('\n', out);
}

void write_table(FILE *out, const struct descriptors *list, bool coloured)
{
    struct widths widths = measure(list);
    (void)fprintf(out, "%s%*s  %-11s  %-*s  %s%s\n", coloured ? BOLD : "", widths.fd, "FD",
                  "INHERITABLE", widths.kind, "KIND", "REFERS TO", coloured ? NORMAL : "");
    for (size_t i = 0; i < list->count; i++)
        write_row(out, &list->items[i], widths, coloured);
}

static void write_member(FILE *out, const char *name, const char *text)
{
    (void)fprintf(out, ", \"%s\": ", name);
    write_json_text(out, text);
}

static void write_socket(FILE *out, const struct socket_facts *facts)
{
    write_member(out, "protocol", facts->protocol);
    (void)fprintf(out, ", \"listening\": %s", facts->listening ? "true" : "false");
    if (facts->local[0])
        write_member(out, "local", facts->local);
    if (facts->port)
        (void)fprintf(out, ", \"port\": %d", facts->port);
    if (facts->peer[0])
        write_member(out, "peer", facts->peer);
}

void write_json_array(FILE *out, const struct descriptors *list)
{
    (void)fputc('[', out);
    for (size_t i = 0; i < list->count; i++) {
        const struct descriptor *row = &list->items[i];
        (void)fprintf(out, "%s\n    {\"fd\": %d, \"inheritable\": %s", i ? "," : "", row->fd,
                      row->inheritable ? "true" : "false");
        write_member(out, "kind", row->kind);
        write_member(out, "refers_to", row->refers_to ? row->refers_to : "");
        if (row->socket && row->socket->protocol)
            write_socket(out, row->socket);
        (void)fputc('}', out);
    }
    (void)fputs(list->count ? "\n  ]" : "]", out);
}
