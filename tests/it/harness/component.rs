//! A component that carries another `plugin.toml` than it was built with; all else in it stays.
//!
//! Knows no more of the format than that a component is a header and sections with an id and a length.

/// The section in which the build puts it.
const SECTION: &str = "bank:voice/plugin.toml";
/// Magic and version.
const HEADER: usize = 8;

/// The component with this text instead of its own.
pub fn carrying(component: &[u8], plugin_toml: &str) -> Vec<u8> {
    let mut changed = without(component);
    let mut content = length(SECTION.len());
    content.extend(SECTION.as_bytes());
    content.extend(plugin_toml.as_bytes());
    changed.push(0);
    changed.extend(length(content.len()));
    changed.extend(content);
    changed
}

/// The component without that section.
fn without(component: &[u8]) -> Vec<u8> {
    let mut kept = component[..HEADER].to_vec();
    let mut rest = &component[HEADER..];
    while let Some(id) = rest.first() {
        let (size, digits) = number(&rest[1..]);
        let (section, after) = rest.split_at(1 + digits + size);
        let content = &section[1 + digits..];
        let is_it = *id == 0 && content[1..].starts_with(SECTION.as_bytes());
        if !is_it {
            kept.extend(section);
        }
        rest = after;
    }
    kept
}

/// A LEB128 number, and how many bytes it takes.
fn number(bytes: &[u8]) -> (usize, usize) {
    let mut value = 0;
    for (at, byte) in bytes.iter().enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return (value, at + 1);
        }
    }
    panic!("a length without an end");
}

fn length(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let digit = u8::try_from(value & 0x7f).expect("seven bits");
        value >>= 7;
        if value == 0 {
            bytes.push(digit);
            return bytes;
        }
        bytes.push(digit | 0x80);
    }
}
