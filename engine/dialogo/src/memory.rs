//! Gives back the memory that a burst has left behind.
//!
//! Compiling plugins and reading rules at the start takes tens of megabytes for a moment. The allocator returns freed pages
//! only while it is busy, so a desk that has become quiet would keep them: here it is asked to.

use std::thread;
use std::time::Duration;

/// Once soon after the start, when everything has been compiled, and then now and then.
const FIRST: Duration = Duration::from_secs(2);
const THEN: Duration = Duration::from_secs(30);

/// Asks the allocator, from a thread of its own, for as long as the process lives.
pub fn give_back() {
    let work = || {
        thread::sleep(FIRST);
        loop {
            collect();
            thread::sleep(THEN);
        }
    };
    // Without it the desk only stays larger.
    let _ = thread::Builder::new().name("memory".into()).spawn(work);
}

#[expect(
    unsafe_code,
    reason = "the allocator's only way to be asked; it takes no pointer and may be called at any time"
)]
fn collect() {
    // SAFETY: documented as callable from any thread at any time.
    unsafe { libmimalloc_sys::mi_collect(true) };
}
