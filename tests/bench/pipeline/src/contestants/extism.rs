//! The rule as an Extism plugin, compiled once: a warm plugin that answers again and again, and a fresh one for each evaluation.
//!
//! Facts go in as JSON and the answer comes out as JSON, as Extism plugins are written; the figures are the plugin's configuration.

use std::path::Path;

use anyhow::{Context, Result};
use extism::{CompiledPlugin, Manifest, Plugin, PluginBuilder, Wasm};
use rule::{Answer, Limits};

use crate::cases::Case;
use crate::contestant::{Contestant, Role};

/// One plugin for all evaluations; what it remembers stays.
pub struct Warm {
    plugin: Plugin,
}

/// A plugin for each evaluation, from code that is compiled already.
pub struct Fresh {
    compiled: CompiledPlugin,
}

/// Compiles the plugin in `file`.
pub fn both(file: &Path) -> Result<(Warm, Fresh)> {
    let limits = serde_json::to_string(&Limits::of_the_bench())?;
    let code = std::fs::read(file).context("the Extism plugin was not built")?;
    let manifest = Manifest::new([Wasm::data(code)]).with_config_key("limits", limits);
    let compiled = PluginBuilder::new(manifest)
        .with_wasi(false)
        .with_cache_disabled()
        .compile()
        .context("the Extism plugin does not compile")?;
    let plugin = Plugin::new_from_compiled(&compiled)?;
    Ok((Warm { plugin }, Fresh { compiled }))
}

impl Contestant for Warm {
    fn name(&self) -> &'static str {
        "Extism, warm plugin"
    }

    fn role(&self) -> Role {
        Role::Other
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        ask(&mut self.plugin, case)
    }
}

impl Contestant for Fresh {
    fn name(&self) -> &'static str {
        "Extism, fresh plugin"
    }

    fn role(&self) -> Role {
        Role::FreshExtism
    }

    fn decide(&mut self, case: &Case) -> Result<Answer> {
        ask(&mut Plugin::new_from_compiled(&self.compiled)?, case)
    }
}

fn ask(plugin: &mut Plugin, case: &Case) -> Result<Answer> {
    let facts = serde_json::to_vec(&case.facts)?;
    let answer: &[u8] = plugin.call("decide", facts)?;
    Ok(serde_json::from_slice(answer)?)
}
