// SPDX-License-Identifier: MIT

// Prints the constants that cgo reads in the header; with a FILE, calls the library and compares its
// answer with Go's own. The list of constants is in a generated file.
package main

// #cgo LDFLAGS: -lfdinherit
// #include <stdlib.h>
// #include "fdinherit.h"
import "C"

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

type constant struct {
	name  string
	value any
}

func must(good bool, told ...any) {
	if !good {
		fmt.Println(told...)
		os.Exit(1)
	}
}

func calls(path string) {
	must(C.fdi_version() == C.FDI_VERSION, "version", C.fdi_version())
	text := C.CString(path)
	defer C.free(unsafe.Pointer(text))
	var stat C.struct_fdi_stat
	result, err := C.fdi_stat(C.fdi_path(text), &stat, 0)
	must(result == 0, "fdi_stat", err)
	var own syscall.Stat_t
	must(syscall.Stat(path, &own) == nil, "stat")
	must(uint64(stat.ino) == own.Ino && int64(stat.size) == own.Size, "ino, size", stat)
	must(uint32(stat.mode) == own.Mode, "mode", stat)
	must(int64(stat.mtime.sec) == own.Mtim.Sec && int64(stat.mtime.nsec) == own.Mtim.Nsec, "mtime", stat)
	must(stat.reserved == [4]C.uint64_t{}, "reserved", stat)
	must(bool(C.fdi_supports(C.FDI_FN_STAT, C.FDI_FORM_PATH, C.FDI_NOFOLLOW)), "fdi_supports")
}

func main() {
	if len(os.Args) > 1 {
		calls(os.Args[1])
		return
	}
	for _, one := range constants {
		fmt.Printf("%s=%d\n", one.name, one.value)
	}
}
