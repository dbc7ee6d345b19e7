//! Nothing: this package only has tests, in `it/`.
//!
//! The file is here because cargo wants a target that is built without them.
