//! The users subcommand.
