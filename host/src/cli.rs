//! The subcommands, one file each.
//!
//! A subcommand is given what it needs already connected; it reads no settings and opens nothing by itself.

pub mod users;
