//! The contract's guards: plugins built against a released contract load and answer for ever, the contract changes only by
//! what breaks nobody, everything in it is described, and the page for partners says what it says.

mod compatibility;
mod facts;
mod frozen;
mod reference;
mod wit;
