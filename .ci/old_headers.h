/* SPDX-License-Identifier: MIT
 * Hides what Linux headers before 3.11 lack. A compiler includes it before each source. */
#define _GNU_SOURCE 1
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#undef O_TMPFILE
#undef TIOCGPTPEER
#undef SYS_execveat
#undef SYS_getrandom
#undef SYS_kcmp
#undef SYS_memfd_create
#undef SYS_statx
#undef __NR_execveat
#undef __NR_getrandom
#undef __NR_kcmp
#undef __NR_memfd_create
#undef __NR_statx
