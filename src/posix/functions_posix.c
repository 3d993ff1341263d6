/* SPDX-License-Identifier: MIT
 * Reports what the running system supports. */
#include "../platform.h"
#include "../backend.h"
#include "../result.h"
#include "posix.h"

/* A call that follows no symlink acts on the name in its directory, but fdi_link opens the file. */
static bool supports_confined(fdi_function function, unsigned flags)
{
    bool is_by_name = (flags & FDI_NOFOLLOW) && function != FDI_FN_LINK;
    return is_by_name ? fdi__supports_dir_fd(function) : fdi__supports_confined(function);
}

static bool supports_form(fdi_function function, fdi_form form, unsigned flags)
{
    switch (form) {
    case FDI_FORM_FD:
        return fdi__supports_fd(function);
    case FDI_FORM_DIR_FD:
        return fdi__supports_dir_fd(function);
    case FDI_FORM_BENEATH:
    case FDI_FORM_IN_ROOT:
        return supports_confined(function, flags);
    default:
        return true;
    }
}

bool fdi__os_supports(fdi_function function, fdi_form form, unsigned flags)
{
    return fdi__supports_path(function) && supports_form(function, form, flags) &&
           (!(flags & FDI_NOFOLLOW) || fdi__supports_nofollow(function)) &&
           (!(flags & FDI_EFFECTIVE_IDS) || fdi__supports_effective_ids());
}
