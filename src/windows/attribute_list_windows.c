/* SPDX-License-Identifier: MIT
 * The list of attributes that CreateProcess takes besides its arguments. */
#include "../platform.h"
#include "../result.h"
#include "win.h"

int fdi__attributes_open(LPPROC_THREAD_ATTRIBUTE_LIST *list, DWORD most)
{
    SIZE_T size = 0;
    *list = NULL;
    if (!InitializeProcThreadAttributeList(NULL, most, 0, &size) &&
        GetLastError() != ERROR_INSUFFICIENT_BUFFER)
        return fdi__last_fail();
    LPPROC_THREAD_ATTRIBUTE_LIST made = malloc(size);
    if (!made)
        return fdi__fail(ENOMEM);
    if (InitializeProcThreadAttributeList(made, most, 0, &size)) {
        *list = made;
        return 0;
    }
    (void)fdi__last_fail();
    int saved_errno = errno;
    free(made);
    return fdi__restore_errno(saved_errno, -1);
}

int fdi__attributes_add(LPPROC_THREAD_ATTRIBUTE_LIST list, DWORD_PTR name, void *value, size_t size)
{
    return UpdateProcThreadAttribute(list, 0, name, value, size, NULL, NULL) ? 0 : fdi__last_fail();
}

void fdi__attributes_close(LPPROC_THREAD_ATTRIBUTE_LIST list)
{
    int saved_errno = errno;
    if (list)
        DeleteProcThreadAttributeList(list);
    free(list);
    errno = saved_errno;
}
