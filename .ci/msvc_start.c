/* SPDX-License-Identifier: MIT
 * The start-up code that Microsoft's compiler expects. Debian has Microsoft's import libraries in
 * mingw-w64, but not this code. Each part is compiled by itself into a library. */
typedef void function(void);

#if defined(START_CONSOLE) || defined(START_WINDOWS)
int main(int count, char **arguments);
int *__p___argc(void);
char ***__p___argv(void);
int _configure_narrow_argv(int mode);
int _initialize_narrow_environment(void);
void exit(int status);

#if defined(START_CONSOLE)
void mainCRTStartup(void)
#else
void WinMainCRTStartup(void)
#endif
{
    (void)_configure_narrow_argv(1);
    (void)_initialize_narrow_environment();
    exit(main(*__p___argc(), *__p___argv()));
}
#endif

#if defined(START_DLL)
int __stdcall _DllMainCRTStartup(void *module, unsigned long reason, void *reserved)
{
    (void)module, (void)reason, (void)reserved;
    return 1;
}
#endif

#if defined(START_EXIT)
int _crt_atexit(function *called);
int atexit(function *called)
{
    return _crt_atexit(called);
}
#endif

#if defined(START_STACK)
int _fltused = 1; /* the compiler refers to it in code with floating point */

/* Touches each page of a large frame. */
__asm__(".globl __chkstk\n"
        "__chkstk:\n push %rcx\n push %rax\n cmp $0x1000,%rax\n lea 24(%rsp),%rcx\n jb 1f\n"
        "2: sub $0x1000,%rcx\n orq $0,(%rcx)\n sub $0x1000,%rax\n cmp $0x1000,%rax\n ja 2b\n"
        "1: sub %rax,%rcx\n orq $0,(%rcx)\n pop %rax\n pop %rcx\n ret\n");
#endif
