/* SPDX-License-Identifier: MIT
 * Asks Valgrind whether it runs this process. */
#include "../platform.h"
#include "posix.h"
#include "clone.h"

#if FDI__CLONES

/* Valgrind recognises these instructions, which otherwise have no effect, as a client request. */
#if defined(__x86_64__) && !defined(__ILP32__)

bool fdi__is_under_valgrind(void)
{
    volatile uint64_t question[6] = {0x1001};
    uint64_t answer = 0;
    __asm__ volatile("rolq $3, %%rdi\n\trolq $13, %%rdi\n\t"
                     "rolq $61, %%rdi\n\trolq $51, %%rdi\n\t"
                     "xchgq %%rbx, %%rbx"
                     : "+d"(answer)
                     : "a"(question)
                     : "cc", "memory");
    return answer != 0;
}

#elif defined(__i386__)

bool fdi__is_under_valgrind(void)
{
    volatile uint32_t question[6] = {0x1001};
    uint32_t answer = 0;
    __asm__ volatile("roll $3, %%edi\n\troll $13, %%edi\n\t"
                     "roll $29, %%edi\n\troll $19, %%edi\n\t"
                     "xchgl %%ebx, %%ebx"
                     : "+d"(answer)
                     : "a"(question)
                     : "cc", "memory");
    return answer != 0;
}

#elif defined(__aarch64__) && defined(__LP64__)

bool fdi__is_under_valgrind(void)
{
    volatile uint64_t question[6] = {0x1001};
    register uint64_t answer __asm__("x3") = 0;
    register volatile uint64_t *asked __asm__("x4") = question;
    __asm__ volatile("ror x12, x12, #3\n\tror x12, x12, #13\n\t"
                     "ror x12, x12, #51\n\tror x12, x12, #61\n\t"
                     "orr x10, x10, x10"
                     : "+r"(answer)
                     : "r"(asked)
                     : "cc", "memory");
    return answer != 0;
}

#else

bool fdi__is_under_valgrind(void)
{
    return false;
}

#endif

#endif
