/* SPDX-License-Identifier: MIT
 * Calls an embedded CPython. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "python_call.h"

struct python_call {
    PyObject *function;
    PyObject *arguments;
    PyObject *keywords;
};

static void fail(void)
{
    PyErr_Print();
    exit(1);
}

void python_do(const char *statement)
{
    if (!Py_IsInitialized())
        Py_InitializeEx(0);
    if (PyRun_SimpleString(statement) < 0)
        exit(1);
}

struct python_call *python_prepare(const char *call)
{
    struct python_call *prepared = malloc(sizeof *prepared);
    python_do("import os");
    PyObject *globals = PyModule_GetDict(PyImport_AddModule("__main__"));
    PyObject *parts = PyRun_String(call, Py_eval_input, globals, globals);
    if (!prepared || !parts ||
        !PyArg_ParseTuple(parts, "OOO", &prepared->function, &prepared->arguments,
                          &prepared->keywords))
        fail();
    return prepared;
}

void python_run(const struct python_call *call, int times)
{
    PyObject *const *arguments = &PyTuple_GET_ITEM(call->arguments, 0);
    size_t positional =
        (size_t)(PyTuple_GET_SIZE(call->arguments) - PyTuple_GET_SIZE(call->keywords));
    for (int i = 0; i < times; i++) {
        PyObject *result =
            PyObject_Vectorcall(call->function, arguments, positional, call->keywords);
        if (!result)
            fail();
        Py_DECREF(result);
    }
}
