//! Money, numbers, dates and accounts in words that are made for the ear.
//! Shared by the rule plugins, so that a confirmation and its answer say an amount in the same way, and the little that two of them
//! must hear alike.
//! Pure: no host call, no clock, no WIT type; amounts are whole minor units.

pub mod account;
pub mod currency;
pub mod date;
pub mod further;
pub mod money;
pub mod number;
pub mod sentence;
