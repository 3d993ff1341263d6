/* SPDX-License-Identifier: MIT
 * Every program of the coverage leg links this file. It maps the program's counters from a file,
 * which the program shares with all its children. Children that are killed, call _exit or call exec
 * count too. The default is to write the counters at exit, which loses those children. Its system
 * calls would also disturb tests that count or refuse system calls. With FDI_COUNTERS_WRITE in the
 * environment, the program only writes its profile under that name. */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PAGE = 4096 };
#define HIDDEN extern __attribute__((visibility("hidden")))
HIDDEN const ElfW(Ehdr) __ehdr_start;
HIDDEN char __start___llvm_prf_cnts[], __stop___llvm_prf_cnts[];
HIDDEN char __start___llvm_prf_bits[], __stop___llvm_prf_bits[];
HIDDEN int __llvm_profile_runtime;
void __llvm_profile_set_filename(const char *name);
int __llvm_profile_write_file(void);

int __llvm_profile_runtime; /* this definition disables the write at exit */

static size_t pages(const char *from, const char *to)
{
    return ((size_t)(to - from) + PAGE - 1) / PAGE * PAGE;
}

/* The build id names the counters' file. A copy of the program has the same build id. */
static void print_build_id(char *to)
{
    const char *base = (const char *)&__ehdr_start;
    const ElfW(Phdr) *header = (const void *)(base + __ehdr_start.e_phoff);
    for (int i = 0; i < __ehdr_start.e_phnum; i++) {
        const char *at = base + header[i].p_vaddr, *end = at + header[i].p_memsz;
        while (header[i].p_type == PT_NOTE && at < end) {
            const ElfW(Nhdr) *note = (const void *)at;
            at += sizeof *note + (note->n_namesz + 3) / 4 * 4;
            for (unsigned b = 0; note->n_type == NT_GNU_BUILD_ID && b < note->n_descsz; b++)
                to += sprintf(to, "%02x", (unsigned char)at[b]);
            at += (note->n_descsz + 3) / 4 * 4;
        }
    }
}

static void fail(const char *what)
{
    fprintf(stderr, "counters: %s\n", what);
    abort();
}

static void share(int fd, char *at, size_t size, off_t offset)
{
    if (size && mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset) != at)
        fail("no memory");
}

__attribute__((constructor(101))) static void map_counters(void)
{
    char name[256] = COUNTERS "/";
    size_t counters = pages(__start___llvm_prf_cnts, __stop___llvm_prf_cnts);
    size_t bits = pages(__start___llvm_prf_bits, __stop___llvm_prf_bits);
    const char *profile = getenv("FDI_COUNTERS_WRITE");

    print_build_id(name + strlen(name));
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || ftruncate(fd, (off_t)(counters + bits)) < 0)
        fail(name);
    fchmod(fd, 0666); /* some tests switch to another user */
    share(fd, __start___llvm_prf_cnts, counters, 0);
    share(fd, __start___llvm_prf_bits, bits, (off_t)counters);
    close(fd);
    if (profile) {
        __llvm_profile_set_filename(profile);
        _exit(__llvm_profile_write_file() != 0);
    }
}
