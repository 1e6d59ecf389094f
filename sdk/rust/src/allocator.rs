//! The guest's memory: a small arena for the ordinary call, the standard allocator behind it.
//!
//! A sandbox is fresh for most calls, so what counts is the price of the first few allocations: the
//! arena is part of the module's own memory (no `memory.grow`, no bookkeeping pages to touch) and
//! hands out bytes by moving one offset. When nothing in the arena is alive any more, it starts over,
//! which is what keeps a reused instance from growing. What does not fit goes to the standard
//! allocator. Rejected: the standard allocator alone (it grows the memory and touches more pages
//! before the first byte is handed out), and an arena that never frees (a reused instance would
//! run into its memory limit).
//!
//! Active on wasm32 only; native tests use the ordinary allocator.

#![cfg_attr(
    not(any(target_arch = "wasm32", test)),
    expect(dead_code, reason = "the native build only tests it")
)]

use std::cell::Cell;

/// Size of the arena. A call with twenty messages and a settings file of a few KiB fits; pages that are
/// not touched cost nothing.
const ARENA_BYTES: usize = 128 * 1024;

/// Where the next allocation goes, and how many are alive. Knows no memory, only offsets.
#[derive(Debug)]
struct Arena {
    next: Cell<usize>,
    alive: Cell<usize>,
}

impl Arena {
    const fn new() -> Self {
        Self { next: Cell::new(0), alive: Cell::new(0) }
    }

    /// The offset of `size` bytes, or none when they do not fit.
    fn take(&self, size: usize, align: usize) -> Option<usize> {
        let start = self.next.get().checked_add(align - 1)? & !(align - 1);
        let end = start.checked_add(size)?;
        if end > ARENA_BYTES {
            return None;
        }
        self.next.set(end);
        self.alive.set(self.alive.get() + 1);
        Some(start)
    }

    /// Gives back `size` bytes at `start`.
    fn give_back(&self, start: usize, size: usize) {
        let alive = self.alive.get() - 1;
        self.alive.set(alive);
        if alive == 0 {
            self.next.set(0);
        } else if start + size == self.next.get() {
            self.next.set(start);
        }
    }

    /// Makes the last allocation longer or shorter in place; false when it is not the last or does not fit.
    fn resize_last(&self, start: usize, old: usize, new: usize) -> bool {
        let Some(end) = start.checked_add(new) else { return false };
        let last = start + old == self.next.get() && end <= ARENA_BYTES;
        if last {
            self.next.set(end);
        }
        last
    }
}

#[cfg(target_arch = "wasm32")]
mod global {
    #![expect(
        unsafe_code,
        reason = "a global allocator cannot be written without it; this is the only place"
    )]

    use super::{ARENA_BYTES, Arena};
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;

    #[repr(align(16))]
    struct Guest {
        bytes: UnsafeCell<[u8; ARENA_BYTES]>,
        arena: Arena,
    }

    // SAFETY: wasm32-unknown-unknown has one thread, and a sandbox is entered by one call at a time.
    unsafe impl Sync for Guest {}

    impl Guest {
        fn base(&self) -> *mut u8 {
            self.bytes.get().cast()
        }

        /// The offset of `pointer` in the arena; none when the standard allocator made it.
        fn offset(&self, pointer: *mut u8) -> Option<usize> {
            let offset = (pointer as usize).wrapping_sub(self.base() as usize);
            (offset < ARENA_BYTES).then_some(offset)
        }
    }

    // SAFETY: arena offsets are aligned and below ARENA_BYTES, live ranges never overlap, and the
    // arena is 16-byte aligned; larger alignments go to the standard allocator with everything else.
    unsafe impl GlobalAlloc for Guest {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            let place = if layout.align() <= 16 {
                self.arena.take(layout.size(), layout.align())
            } else {
                None
            };
            match place {
                Some(offset) => unsafe { self.base().add(offset) },
                None => unsafe { System.alloc(layout) },
            }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            match self.offset(pointer) {
                Some(offset) => self.arena.give_back(offset, layout.size()),
                None => unsafe { System.dealloc(pointer, layout) },
            }
        }

        unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
            match self.offset(pointer) {
                Some(offset) if self.arena.resize_last(offset, layout.size(), new_size) => pointer,
                Some(_) => unsafe {
                    let new =
                        self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
                    if !new.is_null() {
                        std::ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size));
                        self.dealloc(pointer, layout);
                    }
                    new
                },
                None => unsafe { System.realloc(pointer, layout, new_size) },
            }
        }
    }

    #[global_allocator]
    static GUEST: Guest = Guest { bytes: UnsafeCell::new([0; ARENA_BYTES]), arena: Arena::new() };
}

#[cfg(test)]
mod tests {
    use super::{ARENA_BYTES, Arena};

    #[test]
    fn offsets_are_aligned_and_do_not_overlap() {
        let arena = Arena::new();
        assert_eq!(arena.take(3, 1), Some(0));
        assert_eq!(arena.take(8, 8), Some(8));
        assert_eq!(arena.take(1, 16), Some(16));
    }

    #[test]
    fn starts_over_when_nothing_is_alive() {
        let arena = Arena::new();
        let (a, b) = (arena.take(100, 4).unwrap(), arena.take(100, 4).unwrap());
        arena.give_back(a, 100);
        assert_eq!(arena.take(4, 4), Some(200), "b is still alive");
        arena.give_back(200, 4);
        arena.give_back(b, 100);
        assert_eq!(arena.take(4, 4), Some(0));
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let arena = Arena::new();
        assert_eq!(arena.take(ARENA_BYTES + 1, 1), None);
        assert_eq!(arena.take(usize::MAX, 16), None);
        assert_eq!(arena.take(ARENA_BYTES, 1), Some(0));
        assert_eq!(arena.take(1, 1), None);
    }

    #[test]
    fn only_the_last_allocation_is_resized_in_place() {
        let arena = Arena::new();
        let (a, b) = (arena.take(16, 8).unwrap(), arena.take(16, 8).unwrap());
        assert!(!arena.resize_last(a, 16, 32));
        assert!(arena.resize_last(b, 16, 64));
        assert!(!arena.resize_last(b, 64, ARENA_BYTES));
        assert_eq!(arena.take(1, 1), Some(80));
    }
}
