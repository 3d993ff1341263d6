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

static void write_object(FILE *out, const struct descriptor *row)
{
    if (descriptor_object(row)[0]) {
        (void)fputs("  ", out);
        write_escaped(out, descriptor_object(row));
    }
    if (row->thread)
        (void)fprintf(out, "  (thread %d)", row->thread);
}

static void write_row(FILE *out, const struct descriptor *row, struct widths widths, bool coloured)
{
    bool red = coloured && row->inheritable && row->fd > 2;
    (void)fprintf(out, "%s%*d  %-11s  %-*s%s", red ? RED : "", widths.fd, row->fd,
                  row->inheritable ? "yes" : "no", widths.kind, row->kind, red ? NORMAL : "");
    write_object(out, row);
    (void)fputc('\n', out);
}

static void write_table(FILE *out, const struct descriptors *list, bool coloured)
{
    struct widths widths = measure(list);
    (void)fprintf(out, "%s%*s  %-11s  %-*s  %s%s\n", coloured ? BOLD : "", widths.fd, "FD",
                  "INHERITABLE", widths.kind, "KIND", "REFERS TO", coloured ? NORMAL : "");
    for (size_t i = 0; i < list->count; i++)
        write_row(out, &list->items[i], widths, coloured);
}

void write_leak_heading(FILE *out, bool coloured)
{
    (void)fprintf(out, "%sFD  KIND  REFERS TO  -> RECEIVED BY%s\n", coloured ? BOLD : "",
                  coloured ? NORMAL : "");
}

void write_leak(FILE *out, const struct descriptor *row, bool coloured)
{
    (void)fprintf(out, "%s%2d  %s%s", coloured ? RED : "", row->fd, row->kind,
                  coloured ? NORMAL : "");
    write_object(out, row);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

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

void write_json_members(FILE *out, const struct descriptor *row)
{
    (void)fputs("\"kind\": ", out);
    write_json_text(out, row->kind);
    write_member(out, "refers_to", descriptor_object(row));
    if (row->access)
        write_member(out, "access", row->access);
    if (row->inode || row->device)
        (void)fprintf(out, ", \"device\": %llu, \"inode\": %llu", (unsigned long long)row->device,
                      (unsigned long long)row->inode);
    if (row->thread)
        (void)fprintf(out, ", \"thread\": %d", row->thread);
    if (row->socket && row->socket->protocol)
        write_socket(out, row->socket);
}

static void write_json_array(FILE *out, const struct descriptors *list)
{
    (void)fputc('[', out);
    for (size_t i = 0; i < list->count; i++) {
        const struct descriptor *row = &list->items[i];
        (void)fprintf(out, "%s\n    {\"fd\": %d, \"inheritable\": %s, ", i ? "," : "", row->fd,
                      row->inheritable ? "true" : "false");
        write_json_members(out, row);
        (void)fputc('}', out);
    }
    (void)fputs(list->count ? "\n  ]" : "]", out);
}

/* ---- Processes ------------------------------------------------------------------------------- */

static void write_json_name(FILE *out, const char *name)
{
    if (name[0])
        write_member(out, "name", name);
}

static void write_json_process(struct report *report, const char *name, int pid,
                               const char *process_name, const struct descriptors *list)
{
    const char *between = report->written ? ",\n" : "";
    (void)fprintf(report->out, "%s{\n  \"version\": 1,\n  \"pid\": %d",
                  report->many && !report->written ? "[\n" : between, pid);
    write_json_name(report->out, process_name);
    (void)fprintf(report->out, ",\n  \"%s\": ", name);
    write_json_array(report->out, list);
    (void)fputs("\n}", report->out);
    (void)fputs(report->many ? "" : "\n", report->out);
}

static void write_process_name(FILE *out, int pid, const char *name)
{
    (void)fprintf(out, "process %d", pid);
    if (name[0]) {
        (void)fputs(", \"", out);
        write_escaped(out, name);
        (void)fputc('"', out);
    }
}

/* Writes the line above the table. */
static void write_title(FILE *out, bool leaks, size_t count)
{
    if (!leaks)
        (void)fputs(":\n", out);
    else if (count == 0)
        (void)fputs(": nothing besides 0-2 is inheritable\n", out);
    else
        (void)fprintf(out, " passes %lu descriptor%s besides 0-2 to every program it starts:\n",
                      (unsigned long)count, count == 1 ? "" : "s");
}

void report_process(struct report *report, const char *name, int pid,
                    const struct descriptors *list)
{
    char process_name[256];
    bool leaks = strcmp(name, "leaks") == 0;
    int shown_pid = pid ? pid : system_own_pid();
    system_process_name(pid, process_name, sizeof process_name);
    if (report->json)
        write_json_process(report, name, shown_pid, process_name, list);
    else {
        if (leaks || pid) {
            (void)fputs(report->written ? "\n" : "", report->out);
            write_process_name(report->out, shown_pid, process_name);
            write_title(report->out, leaks, list->count);
        }
        if (!leaks || list->count)
            write_table(report->out, list, system_is_terminal(report->out));
    }
    report->written++;
}

void report_end(const struct report *report)
{
    if (report->json && report->many)
        (void)fputs(report->written ? "\n]\n" : "[]\n", report->out);
}
