/* SPDX-License-Identifier: MIT
 * The sanitizer of this build. Without AddressSanitizer, the macros that poison memory do
 * nothing. */
#ifndef FDI__SANITIZER_H
#define FDI__SANITIZER_H

#if defined(__has_feature)
#define FDI__HAS_FEATURE(name) __has_feature(name)
#else
#define FDI__HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || FDI__HAS_FEATURE(address_sanitizer)
#include <sanitizer/asan_interface.h>
/* AddressSanitizer warns on stderr if a function on another stack than the thread's calls _exit. */
#define FDI__ON_OTHER_STACK __attribute__((no_sanitize_address))
#else
#define FDI__ON_OTHER_STACK
#define ASAN_POISON_MEMORY_REGION(start, size)   ((void)(start), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

#if defined(__SANITIZE_THREAD__) || FDI__HAS_FEATURE(thread_sanitizer)
#define FDI__HAS_THREAD_SANITIZER 1
#else
#define FDI__HAS_THREAD_SANITIZER 0
#endif

#endif
