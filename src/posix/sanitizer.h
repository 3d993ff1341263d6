/* SPDX-License-Identifier: MIT
 * AddressSanitizer's macros that poison memory. Without it they do nothing. */
#ifndef FDI__SANITIZER_H
#define FDI__SANITIZER_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FDI__SANITIZED 1
#endif
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(FDI__SANITIZED)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(start, size)   ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

#endif
