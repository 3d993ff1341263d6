/* SPDX-License-Identifier: MIT
 * Replaces Windows calls in a test program, for results that Wine cannot give. */
#ifndef FDI_TEST_REPLACE_WINDOWS_H
#define FDI_TEST_REPLACE_WINDOWS_H

/* An imported function is called by a pointer with this name. A test program that defines the
 * pointer replaces the function. 32-bit x86 decorates names, so this does not work there. */
#if defined(_MSC_VER)
/* Code that Microsoft's compilers did not see as imported calls the name itself. Microsoft's linkers
 * would take that name and a second pointer from the import library. */
#define REPLACE(name, function)                                                                    \
    __typeof__(function) *__imp_##name = function;                                                 \
    __asm__(".globl " #name "\n" #name ": jmp *__imp_" #name "(%rip)")
#else
#define REPLACE(name, function) __typeof__(function) *__imp_##name = function
#endif

#endif
