//! What a component just made imports and exports, and whether that is the phase that its plugin.toml names.
//!
//! Read from the component itself; nothing runs.

use anyhow::{Context, Result, bail};
use wit_component::DecodedWasm;

/// The interface that a plugin of each phase exports.
const PHASES: [(&str, &str); 4] = [
    ("route", "routing"),
    ("decide", "policy"),
    ("fulfil", "action"),
    ("shape", "shaping"),
];

/// The names of what a component imports.
pub fn imports(component: &[u8]) -> Result<Vec<String>> {
    let (imports, _) = border(component)?;
    Ok(imports)
}

/// The names of what a component exports.
pub fn exports(component: &[u8]) -> Result<Vec<String>> {
    let (_, exports) = border(component)?;
    Ok(exports)
}

fn border(component: &[u8]) -> Result<(Vec<String>, Vec<String>)> {
    let decoded = wit_component::decode(component).context("a component just made is not read")?;
    let resolve = decoded.resolve();
    let DecodedWasm::Component(_, world) = decoded else {
        bail!(
            "a WIT package was built instead of a component; is wit-bindgen's `generate!` there?"
        );
    };
    let world = &resolve.worlds[world];
    let imports = world.imports.keys().map(|key| resolve.name_world_key(key));
    let exports = world.exports.keys().map(|key| resolve.name_world_key(key));
    Ok((imports.collect(), exports.collect()))
}

/// A host refuses a component that exports one phase and says another.
pub fn check_phase(said: Option<&str>, exports: &[String]) -> Result<()> {
    let is_exported = |interface: &str| {
        let begins = format!("bank:voice/{interface}@");
        exports.iter().any(|export| export.starts_with(&begins))
    };
    let mut others = PHASES
        .iter()
        .filter(|(_, interface)| is_exported(interface));
    let own = others.next().filter(|_| others.next().is_none());
    match (said, own) {
        (Some(said), Some((is, interface))) if said != *is => bail!(
            "plugin.toml says `phase = \"{said}\"`, and the component exports `{interface}`, which is phase `{is}`; correct one of them"
        ),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phase_that_is_not_the_exported_one_is_refused() {
        let exports = |names: &[&str]| {
            let names = names.iter().map(|name| format!("bank:voice/{name}@0.1.0"));
            names.collect::<Vec<String>>()
        };
        let policy = exports(&["plugin", "policy"]);
        assert!(check_phase(Some("decide"), &policy).is_ok());
        assert!(check_phase(None, &policy).is_ok());
        assert!(check_phase(Some("decide"), &exports(&["plugin"])).is_ok());
        let said = check_phase(Some("shape"), &policy).unwrap_err().to_string();
        assert!(said.contains("which is phase `decide`"), "{said}");
    }
}
