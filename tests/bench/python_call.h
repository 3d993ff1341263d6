/* SPDX-License-Identifier: MIT
 * Calls of CPython's functions as its interpreter makes them, without the loop around them. */
#ifndef FDI_BENCH_PYTHON_CALL_H
#define FDI_BENCH_PYTHON_CALL_H

struct python_call;

/* Executes a statement, for names that calls use. */
void python_do(const char *statement);

/* `call` is an expression with the function, its arguments, and the keywords of the last of these:
 * "os.stat, ('x', 5), ('dir_fd',)". Ends the program if it is none. */
struct python_call *python_prepare(const char *call);

/* Calls it so many times, and ends the program if it fails. */
void python_run(const struct python_call *call, int times);

#endif
