// SPDX-License-Identifier: MIT
//! Prints the constants that `zig translate-c` reads in the header; with a FILE, calls the library
//! and compares its answer with Zig's own.
const std = @import("std");
const binding = @import("binding");
const names = @import("names");

fn calls(path: [:0]const u8) !void {
    const expect = std.testing.expect;
    const file = try std.fs.cwd().openFile(path, .{});
    const own = try std.os.fstat(file.handle);
    try expect(binding.fdi_version() == binding.FDI_VERSION);
    var stat: binding.struct_fdi_stat = undefined;
    try expect(binding.fdi_stat(binding.fdi_path(path), &stat, 0) == 0);
    try expect(stat.ino == own.ino and stat.size == own.size and stat.mode == own.mode);
    try expect(stat.mtime.sec == own.mtime().tv_sec and stat.mtime.nsec == own.mtime().tv_nsec);
    for (stat.reserved) |word| try expect(word == 0);
    try expect(binding.fdi_supports(binding.FDI_FN_STAT, binding.FDI_FORM_PATH, binding.FDI_NOFOLLOW));
}

pub fn main() !void {
    var arguments = std.process.args();
    _ = arguments.skip();
    if (arguments.next()) |path| return calls(path);
    const out = std.io.getStdOut().writer();
    inline for (names.constants) |constant| try out.print("{s}={d}\n", constant);
}
