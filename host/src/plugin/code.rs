//! Machine code: what it depends on, how a component becomes it, and the one place that trusts it.
//!
//! The compiler's process and the host agree on [`config`]; how instances are kept is the host's own matter.

use wasmtime::Config;
use wasmtime::component::Component;

/// What the machine code depends on; how instances are kept is not part of it.
pub(super) fn config() -> Config {
    let mut config = deterministic();
    config.epoch_interruption(true);
    config
}

/// What every engine has in common: a record must replay bit for bit on another machine.
pub(super) fn deterministic() -> Config {
    let mut config = Config::new();
    config
        .concurrency_support(false)
        .memory_init_cow(true)
        .cranelift_nan_canonicalization(true)
        .relaxed_simd_deterministic(true);
    config
}

/// Machine code becomes a component that can be linked.
#[expect(
    unsafe_code,
    reason = "the one place that trusts machine code: it comes from the child process of this very binary, or from the private \
              folder where it is held against its digest first"
)]
pub(super) fn deserialize(wasm: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: see the reason above; wasmtime itself refuses code of another version, target or setting.
    unsafe { Component::deserialize(wasm, code) }
}

/// In the compiler's own process: bytes to machine code, or one sentence.
pub(super) fn precompile(bytes: &[u8]) -> Result<Vec<u8>, String> {
    // Parsers like to write over several lines.
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let reason = |cause: wasmtime::Error| words(cause.root_cause().to_string());
    wasmtime::Engine::new(&config())
        .and_then(|engine| engine.precompile_component(bytes))
        .map_err(reason)
}
