//! Black-box tests live in `it/`.
//!
//! The package has no code of its own: one test binary, `it`, and the fixtures beside it.
