//! Who is calling: so far only how a PIN is kept.
//!
//! Looking a caller up and deciding how far they are trusted stands beside this; nothing here reads the database.

pub mod pin_hash;
