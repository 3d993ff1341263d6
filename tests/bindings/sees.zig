// SPDX-License-Identifier: MIT
//! Prints the constants that `zig translate-c` reads in the header; with a FILE, calls the library
//! and compares its answer with Zig's own.
const std = @import("std");
const binding = @import("binding");
const names = @import("names");

fn calls(path: [:0]const u8) !void {
    const expect = std.testing.expect;
    const linux = std.os.linux;
    var own: linux.Statx = undefined;
    try expect(linux.statx(linux.AT.FDCWD, path, 0, linux.STATX.BASIC_STATS, &own) == 0);
    try expect(binding.fdi_version() == binding.FDI_VERSION);
    var stat: binding.struct_fdi_stat = undefined;
    try expect(binding.fdi_stat(binding.fdi_path(path), &stat, 0) == 0);
    try expect(stat.ino == own.ino and stat.size == own.size and stat.mode == own.mode);
    try expect(stat.mtime.sec == own.mtime.sec and stat.mtime.nsec == own.mtime.nsec);
    for (stat.reserved) |word| try expect(word == 0);
    try expect(binding.fdi_supports(binding.FDI_FN_STAT, binding.FDI_FORM_PATH, binding.FDI_NOFOLLOW));
}

pub fn main(init: std.process.Init) !void {
    var arguments = init.minimal.args.iterate();
    _ = arguments.skip();
    if (arguments.next()) |path| return calls(path);
    var buffer: [4096]u8 = undefined;
    var out = std.Io.File.stdout().writer(init.io, &buffer);
    inline for (names.constants) |constant| try out.interface.print("{s}={d}\n", constant);
    try out.interface.flush();
}
