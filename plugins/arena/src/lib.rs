//! The memory of a plugin's instance: handed out in order, gone with the instance.
//!
//! An instance lives for one invocation, so collecting what was freed would cost more than it gives back. The first 64 KiB lie in
//! the memory that the instance begins with, because growing it costs the host two changes of page protection an invocation.

#![allow(
    unsafe_code,
    reason = "an allocator is unsafe by its trait; an instance has one thread"
)]

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// What the shipped plugins need for a turn, several times over.
const FIRST_BYTES: usize = 64 * 1024;
/// What is added at least, so that a plugin that needs much does not grow its memory with every text.
const GROWTH_BYTES: usize = 256 * 1024;
const PAGE_BYTES: usize = 64 * 1024;

#[repr(align(16))]
struct First(UnsafeCell<[u8; FIRST_BYTES]>);

/// The global allocator of a plugin.
pub struct Arena {
    first: First,
    /// Where the next block begins; zero before the first one.
    next: Cell<usize>,
    /// Where the memory ends.
    end: Cell<usize>,
}

// SAFETY: an instance has one thread, and natively each test has an arena of its own.
unsafe impl Sync for Arena {}

impl Arena {
    /// For a `static`; in the part of the memory that is zero, so the component does not grow by it.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            first: First(UnsafeCell::new([0; FIRST_BYTES])),
            next: Cell::new(0),
            end: Cell::new(0),
        }
    }

    fn take(&self, size: usize, align: usize) -> Option<usize> {
        if self.next.get() == 0 {
            let begin = self.first.0.get().addr();
            self.next.set(begin);
            self.end.set(begin + FIRST_BYTES);
        }
        // An alignment is a power of two.
        let begin = self.next.get().checked_add(align - 1)? & !(align - 1);
        let end = begin.checked_add(size)?;
        if end > self.end.get() {
            return None;
        }
        self.next.set(end);
        Some(begin)
    }

    fn is_last(&self, block: *mut u8, size: usize) -> bool {
        block.addr() + size == self.next.get()
    }

    #[cold]
    #[inline(never)]
    fn grow(&self, size: usize, align: usize) -> Option<usize> {
        let needed = size.checked_add(align)?;
        let added = more(needed.max(GROWTH_BYTES)).or_else(|| more(needed))?;
        // What follows on what there is makes it longer; otherwise the rest of that is left alone.
        if added.begin != self.end.get() {
            self.next.set(added.begin);
        }
        self.end.set(added.end);
        self.take(size, align)
    }
}

impl Default for Arena {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: blocks do not overlap, because `next` only moves back over a block that is given up, and none crosses `end`.
unsafe impl GlobalAlloc for Arena {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let (size, align) = (layout.size(), layout.align());
        let block = self.take(size, align).or_else(|| self.grow(size, align));
        block.map_or(ptr::null_mut(), ptr::with_exposed_provenance_mut)
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if self.is_last(block, layout.size()) {
            self.next.set(block.addr());
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let end = block.addr().saturating_add(size);
        if self.is_last(block, layout.size()) && end <= self.end.get() {
            self.next.set(end);
            return block;
        }
        if size <= layout.size() {
            return block;
        }
        // SAFETY: the caller vouches that `size` with this alignment is a layout, and that `block` holds the bytes of the old one.
        unsafe {
            let moved = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size());
            }
            moved
        }
    }
}

struct Added {
    begin: usize,
    end: usize,
}

#[cfg(target_arch = "wasm32")]
fn more(bytes: usize) -> Option<Added> {
    let pages = bytes.div_ceil(PAGE_BYTES);
    let before = core::arch::wasm32::memory_grow(0, pages);
    (before != usize::MAX).then(|| Added {
        begin: before * PAGE_BYTES,
        end: (before + pages) * PAGE_BYTES,
    })
}

/// Natively an arena does not grow; only tests have one.
#[cfg(not(target_arch = "wasm32"))]
fn more(bytes: usize) -> Option<Added> {
    let _ = (bytes, PAGE_BYTES);
    None
}

#[cfg(test)]
mod tests;
