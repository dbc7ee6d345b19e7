//! The contract's world of policies as Rust types and traits, generated; async where the host's own bindings are.
//!
//! Only `floor` names a type of this file.
#![allow(
    missing_docs,
    reason = "generated from wit/, which documents every item"
)]
#![allow(clippy::too_many_lines, reason = "generated")]

wasmtime::component::bindgen!({
    path: "../../../wit",
    world: "bank:voice/policies",
    imports: {
        "bank:voice/settings": trappable,
        "bank:voice/clock": trappable,
        "bank:voice/log": trappable,
        default: async | trappable,
    },
    exports: { default: async },
});
