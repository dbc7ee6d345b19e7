//! The choice of a compiler, from facts that no machine has to have.
//!
//! Nothing is run or installed here.

use super::*;
use crate::toolchain::facts::Debian;

fn debian(number: (u32, u32)) -> Option<Debian> {
    Some(Debian {
        version: format!("rustc {}.{}.0", number.0, number.1),
        number,
        llvm: "22".into(),
    })
}

fn bare() -> Facts {
    Facts {
        version: "rustc 1.95.0".into(),
        ..Facts::default()
    }
}

#[test]
fn an_installed_target_is_used_whatever_else_is_there() {
    let facts = Facts {
        target_installed: true,
        rustup: true,
        debian: debian((1, 96)),
        ..bare()
    };
    let expected = Next::Use(Toolchain::Current {
        version: "rustc 1.95.0".into(),
    });
    assert_eq!(choose(&facts, &Tried::default(), Wish::Auto), expected);
}

#[test]
fn rustup_is_asked_once_and_then_debian_is_used() {
    let linker = PathBuf::from("rust-lld");
    let facts = Facts {
        rustup: true,
        debian: debian((1, 85)),
        linker: Some(linker.clone()),
        can_install: true,
        ..bare()
    };
    let mut tried = Tried::default();
    assert_eq!(choose(&facts, &tried, Wish::Auto), Next::Download);
    tried.download = true;
    let expected = Next::Use(Toolchain::Debian {
        version: "rustc 1.85.0".into(),
        linker,
    });
    assert_eq!(choose(&facts, &tried, Wish::Auto), expected);
    assert_eq!(choose(&facts, &tried, Wish::Rustup), Next::GiveUp);
}

#[test]
fn packages_are_installed_where_that_is_allowed_and_only_once() {
    let mut tried = Tried::default();
    let facts = Facts {
        can_install: true,
        linker: Some("rust-lld".into()),
        ..bare()
    };
    assert_eq!(choose(&facts, &tried, Wish::Auto), Next::InstallCompiler);
    tried.compiler = true;
    assert_eq!(choose(&facts, &tried, Wish::Auto), Next::GiveUp);
    assert_eq!(choose(&bare(), &Tried::default(), Wish::Auto), Next::GiveUp);
}

#[test]
fn debians_stock_compiler_is_too_old() {
    let facts = Facts {
        debian: debian((1, 63)),
        linker: Some("wasm-ld".into()),
        ..bare()
    };
    assert_eq!(choose(&facts, &Tried::default(), Wish::Auto), Next::GiveUp);
    assert!(given_up(&facts, &Tried::default()).contains("older than 1.85"));
}

#[test]
fn a_missing_linker_is_that_of_the_compilers_llvm() {
    let facts = Facts {
        debian: debian((1, 96)),
        can_install: true,
        ..bare()
    };
    let expected = Next::InstallLinker("lld-22".into());
    assert_eq!(choose(&facts, &Tried::default(), Wish::Auto), expected);
}

#[test]
fn giving_up_says_what_was_tried_and_what_to_do() {
    let sentence = given_up(
        &bare(),
        &Tried {
            compiler: true,
            ..Tried::default()
        },
    );
    assert!(sentence.contains("rustup is not there"));
    assert!(sentence.contains("did not help"));
    assert!(sentence.contains("rustup target add wasm32-unknown-unknown"));
}
