/* SPDX-License-Identifier: MIT
 * Calls clone3(2), which no C library wraps. Architectures without code in this file use clone(2),
 * which needs more system calls.
 *
 * The call is in assembly, because the child shares the parent's memory: a child that returned to
 * the calling function would overwrite the parent's stack frame. */
#include "../platform.h"
#include "../result.h"
#include "posix.h"
#include "clone.h"

#if FDI__CLONES

#include <sched.h>

#if FDI__CALLS_BY_NUMBER && defined(__x86_64__) && !defined(__ILP32__)

/* Makes call 435, which is clone3. The child calls `run` on its own stack and never returns.
 * Returns the process ID of the child, or a negative errno. */
static long clone_onto(void *arguments, size_t size, void (*run)(struct fdi__child *child),
                       struct fdi__child *child)
{
    long result;
    __asm__ volatile("syscall\n\t"
                     "test %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "mov %[child], %%rdi\n\t"
                     "call *%[run]\n\t"
                     "hlt\n"
                     "1:"
                     : "=a"(result)
                     : "a"(435L), "D"(arguments), "S"(size), [run] "r"(run), [child] "r"(child)
                     : "rcx", "r11", "cc", "memory");
    return result;
}

#elif FDI__CALLS_BY_NUMBER && defined(__aarch64__) && defined(__LP64__)

static long clone_onto(void *arguments, size_t size, void (*run)(struct fdi__child *child),
                       struct fdi__child *child)
{
    register long number __asm__("x8") = 435;
    register long result __asm__("x0") = (long)arguments;
    register size_t second __asm__("x1") = size;
    __asm__ volatile("svc #0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x0, %[child]\n\t"
                     "blr %[run]\n\t"
                     "brk #1\n"
                     "1:"
                     : "+r"(result)
                     : "r"(number), "r"(second), [run] "r"(run), [child] "r"(child)
                     : "x30", "cc", "memory");
    return result;
}

#else

static long clone_onto(void *arguments, size_t size, void (*run)(struct fdi__child *child),
                       struct fdi__child *child)
{
    (void)arguments;
    (void)size;
    (void)run;
    (void)child;
    return -ENOSYS;
}

#endif

pid_t fdi__clone_without_handlers(struct fdi__child *child, void *stack, size_t size)
{
    struct {
        uint64_t flags;
        uint64_t pidfd;
        uint64_t child_tid;
        uint64_t parent_tid;
        uint64_t exit_signal;
        uint64_t stack;
        uint64_t stack_size;
        uint64_t tls;
    } arguments = {
        .flags =
            CLONE_VM | CLONE_VFORK | CLONE_FILES | UINT64_C(0x100000000), /* CLONE_CLEAR_SIGHAND */
        .exit_signal = SIGCHLD,
        .stack = (uintptr_t)stack,
        .stack_size = size,
    };
    long result = clone_onto(&arguments, sizeof arguments, fdi__run_child, child);
    return result < 0 ? fdi__fail((int)-result) : (pid_t)result;
}

#endif
