/* SPDX-License-Identifier: MIT
 * Calls CPython's functions as its interpreter does, without the loop around them. */
#ifndef FDI_BENCH_PYTHON_CALL_H
#define FDI_BENCH_PYTHON_CALL_H

struct python_call;

/* Executes a statement that defines names for the calls. */
void python_do(const char *statement);

/* Evaluates `call`, a tuple of the function, its arguments, and the keywords of the last arguments:
 * "os.stat, ('x', 5), ('dir_fd',)". Exits if the expression is invalid. */
struct python_call *python_prepare(const char *call);

/* Calls the function that many times. Exits if it fails. */
void python_run(const struct python_call *call, int times);

#endif
