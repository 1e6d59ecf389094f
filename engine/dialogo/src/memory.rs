//! Keeps the desk small in memory.
//!
//! Compiling plugins and reading rules at the start takes tens of megabytes for a moment, and the allocator keeps what was freed for
//! the next such moment, which never comes. A fresh desk is half as large with what is set here (`cargo xtask bench`, `rss`).

use libmimalloc_sys::{mi_option_set, mi_option_t};

/// The allocator's option for how many milliseconds it keeps freed pages; its bindings do not name it (`mimalloc.h` does, between the 14 and
/// the 16 that they name).
const PURGE_DELAY: mi_option_t = 15;

/// To be called before anything large is made.
pub fn stay_small() {
    give_back_at_once();
    ordinary_pages();
}

/// The allocator returns freed pages to the system at once. On the way of a message there are none: each thread keeps those it works in.
#[expect(unsafe_code, reason = "the allocator's only way to be told; it takes no pointer")]
fn give_back_at_once() {
    // SAFETY: documented as callable at any time; the option takes effect with the next page that is freed.
    unsafe { mi_option_set(PURGE_DELAY, 0) };
}

/// Leaves pages at their ordinary size. The allocator asks for large ones, which are resident whole as soon as one byte of them is used.
fn ordinary_pages() {
    // Where the kernel does not know the request, the desk only stays larger.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}
