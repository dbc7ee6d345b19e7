//! The only generated code: the contract in `wit/` as Rust types and traits.
//!
//! The capabilities are generated once, in `host`; each phase's world reuses those types and adds what a plugin of that phase
//! exports. Nothing outside `plugin` names a type of this file.
#![allow(
    missing_docs,
    reason = "generated from wit/, which documents every item"
)]
#![allow(clippy::too_many_lines, reason = "generated")]

/// Every capability, and all types.
pub mod host {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package bank:host;
            world capabilities {
                import bank:voice/accounts@0.1.0;
                import bank:voice/profile-reader@0.1.0;
                import bank:voice/payments@0.1.0;
                import bank:voice/applications@0.1.0;
                import bank:voice/history@0.1.0;
                import bank:voice/transcript@0.1.0;
                import bank:voice/assistant@0.1.0;
                import bank:voice/settings@0.1.0;
                import bank:voice/clock@0.1.0;
                import bank:voice/log@0.1.0;
            }
        ",
        world: "bank:host/capabilities",
        imports: {
            "bank:voice/settings": trappable,
            "bank:voice/clock": trappable,
            "bank:voice/log": trappable,
            default: async | trappable,
        },
    });
}

macro_rules! phase {
    ($module:ident, $world:literal) => {
        /// What a plugin of this phase exports.
        pub mod $module {
            wasmtime::component::bindgen!({
                path: "../wit",
                world: $world,
                with: { "bank:voice": super::host::bank::voice },
                imports: { default: async | trappable },
                exports: { default: async },
            });
        }
    };
}

phase!(router, "bank:voice/router");
phase!(policies, "bank:voice/policies");
phase!(actions, "bank:voice/actions");
phase!(shaper, "bank:voice/shaper");

pub use host::bank::voice as wit;
