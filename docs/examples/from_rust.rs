// SPDX-License-Identifier: MIT
//! Uses libfdinherit from Rust with its own declarations only.
//!
//!   rustc from_rust.rs -L DIRECTORY -l fdinherit
//!
//! Starts a program with stdio and a pipe as descriptor 5, and reads its output from the pipe.
use std::ffi::{c_char, c_int, c_uint, CString};
use std::fs::File;
use std::io::{Error, Read};
use std::os::fd::FromRawFd;
use std::ptr::null;

/// An fdi_target. The library creates it. It is passed by value.
#[repr(C)]
#[derive(Clone, Copy)]
struct Target {
    path: *const c_char,
    fd: c_int,
    form: c_uint,
}

#[repr(C)]
struct FdMap {
    fd: c_int,
    child_fd: c_int,
}

#[repr(C)]
struct SpawnOptions {
    program: Target,
    argv: *const *const c_char,
    envp: *const *const c_char,
    fds: *const FdMap,
    fd_count: usize,
    directory: Target,
    flags: c_uint,
    reserved: [u64; 8],
}

const SPAWN_SEARCH: c_uint = 0x20000;

extern "C" {
    fn fdi_path(path: *const c_char) -> Target;
    fn fdi_pipe(fds: *mut c_int, flags: c_uint) -> c_int;
    fn fdi_spawn_defaults() -> SpawnOptions;
    fn fdi_spawn(process: *mut isize, options: *const SpawnOptions) -> c_int;
    fn fdi_wait(process: *mut isize, status: *mut i64, milliseconds: c_int, flags: c_uint)
        -> c_int;
}

/// Returns the errno as an error if a function returned a negative result.
fn check(answer: c_int) -> Result<(), Error> {
    if answer < 0 {
        Err(Error::last_os_error())
    } else {
        Ok(())
    }
}

/// Returns both ends of a pipe. They are not inheritable, and close when dropped.
fn pipe() -> Result<(File, File), Error> {
    let mut fds = [-1; 2];
    check(unsafe { fdi_pipe(fds.as_mut_ptr(), 0) })?;
    Ok(unsafe { (File::from_raw_fd(fds[0]), File::from_raw_fd(fds[1])) })
}

/// Returns the command's output on descriptor 5, and its exit status.
fn output_of(command: &[&str]) -> Result<(String, i64), Error> {
    use std::os::fd::AsRawFd;
    let (mut reading, writing) = pipe()?;
    let words: Vec<CString> = command
        .iter()
        .map(|word| CString::new(*word).unwrap())
        .collect();
    let mut argv: Vec<*const c_char> = words.iter().map(|word| word.as_ptr()).collect();
    argv.push(null());
    let map = FdMap {
        fd: writing.as_raw_fd(),
        child_fd: 5,
    };
    let (mut process, mut status, mut text) = (0, 0, String::new());
    let mut options = unsafe { fdi_spawn_defaults() };
    options.program = unsafe { fdi_path(argv[0]) };
    options.argv = argv.as_ptr();
    options.fds = &map;
    options.fd_count = 1;
    options.flags = SPAWN_SEARCH;
    check(unsafe { fdi_spawn(&mut process, &options) })?;
    drop(writing);
    reading.read_to_string(&mut text)?;
    check(unsafe { fdi_wait(&mut process, &mut status, -1, 0) })?;
    Ok((text, status))
}

fn main() {
    let command: Vec<String> = std::env::args().skip(1).collect();
    let command: Vec<&str> = command.iter().map(String::as_str).collect();
    match output_of(if command.is_empty() {
        &["sh", "-c", "echo hello >&5"]
    } else {
        &command
    }) {
        Ok((text, status)) => print!("{text}exit status {status}\n"),
        Err(error) => println!("not started: {error}"),
    }
}
