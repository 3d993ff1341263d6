/* SPDX-License-Identifier: MIT
 * Calls of the system replaced in a test program: answers that Wine cannot give. */
#ifndef FDI_TEST_REPLACE_WINDOWS_H
#define FDI_TEST_REPLACE_WINDOWS_H

/* Everything that is imported is called through a pointer with this name; a test program that
 * defines the pointer itself is called instead. Not on 32-bit x86, which decorates names. */
#define REPLACE(name, function) __typeof__(function) *__imp_##name = function

#endif
