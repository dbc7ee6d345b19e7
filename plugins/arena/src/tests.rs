//! Blocks of one arena: where they lie, what giving one back does, and where the end is.
//!
//! Growing is wasm's own and is seen where components run.

use super::*;

fn layout(size: usize, align: usize) -> Layout {
    Layout::from_size_align(size, align).expect("a layout")
}

#[test]
fn blocks_are_aligned_and_do_not_overlap() {
    let arena = Arena::new();
    let mut end = 0;
    for (size, align) in [(1, 1), (8, 8), (3, 1), (16, 16), (0, 1), (5, 4)] {
        let block = unsafe { arena.alloc(layout(size, align)) };
        assert!(block.addr().is_multiple_of(align));
        assert!(block.addr() >= end);
        end = block.addr() + size;
    }
}

#[test]
fn the_last_block_can_be_given_back_and_an_earlier_one_stays() {
    let arena = Arena::new();
    let (first, last) = unsafe { (arena.alloc(layout(8, 8)), arena.alloc(layout(8, 8))) };
    unsafe { arena.dealloc(first, layout(8, 8)) };
    let after = unsafe { arena.alloc(layout(8, 8)) };
    assert!(after.addr() > last.addr());
    unsafe { arena.dealloc(after, layout(8, 8)) };
    assert_eq!(unsafe { arena.alloc(layout(8, 8)) }, after);
}

#[test]
fn a_block_grows_in_place_where_it_is_the_last_and_moves_with_its_bytes_where_it_is_not() {
    let arena = Arena::new();
    unsafe {
        let block = arena.alloc(layout(4, 1));
        block.copy_from_nonoverlapping(b"last".as_ptr(), 4);
        assert_eq!(arena.realloc(block, layout(4, 1), 400), block);
        arena.alloc(layout(1, 1));
        let moved = arena.realloc(block, layout(400, 1), 800);
        assert_ne!(moved, block);
        assert_eq!(std::slice::from_raw_parts(moved, 4), b"last");
        assert_eq!(arena.realloc(block, layout(400, 1), 10), block);
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let arena = Arena::new();
    assert!(unsafe { arena.alloc(layout(FIRST_BYTES + 1, 1)) }.is_null());
    assert!(!unsafe { arena.alloc(layout(FIRST_BYTES, 1)) }.is_null());
    assert!(unsafe { arena.alloc(layout(1, 1)) }.is_null());
}
