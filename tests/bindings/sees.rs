// SPDX-License-Identifier: MIT
//! Prints the constants that bindgen reads in the header; with a FILE, calls the library and
//! compares its answer with Rust's own.
#[allow(
    dead_code,
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals
)]
mod binding {
    include!(env!("FDI_BINDING"));
}

use std::os::unix::{ffi::OsStrExt, fs::MetadataExt};

fn calls(path: &std::ffi::OsStr) {
    let own = std::fs::metadata(path).unwrap();
    let text = std::ffi::CString::new(path.as_bytes()).unwrap();
    unsafe {
        assert_eq!(binding::fdi_version() as i128, binding::FDI_VERSION as i128);
        let mut stat: binding::fdi_stat = std::mem::zeroed();
        let target = binding::fdi_path(text.as_ptr());
        assert_eq!(binding::fdi_stat(target, &mut stat, 0), 0);
        assert_eq!((stat.ino, stat.size as u64), (own.ino(), own.size()));
        assert_eq!((stat.mode, stat.reserved), (own.mode(), [0; 4]));
        assert_eq!(
            (stat.mtime.sec, stat.mtime.nsec),
            (own.mtime(), own.mtime_nsec())
        );
        assert!(binding::fdi_supports(
            binding::FDI_FN_STAT,
            binding::FDI_FORM_PATH,
            binding::FDI_NOFOLLOW as u32
        ));
    }
}

fn main() {
    if let Some(path) = std::env::args_os().nth(1) {
        return calls(&path);
    }
    let constants: &[(&str, i128)] = &include!(env!("FDI_NAMES"));
    for (name, value) in constants {
        println!("{name}={value}");
    }
}
