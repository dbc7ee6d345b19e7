//! A thousand worlds hold, and every fault that is put into a host on purpose is found.
//!
//! A seed that breaks is printed, with what happened in its world.

use simulate::{Counts, Flaw, run};

#[test]
fn in_a_thousand_worlds_no_money_is_lost_or_doubled_and_no_call_forgotten() {
    let mut all = Counts::default();
    for seed in 0..1_000 {
        match run(seed, None) {
            Ok(counts) => all.add(counts),
            Err(failed) => panic!("{failed}\n{}", failed.trace.join("\n")),
        }
    }
    println!("1,000 worlds: {all}");
    // Nothing is shown by worlds in which nothing happens.
    assert!(
        all.payments > 2_000 && all.kills > 500 && all.reviews > 50 && all.paid_after_all > 0,
        "{all}"
    );
}

#[test]
fn a_seed_is_the_same_world_every_time() {
    let counts = || run(7, None).map_err(|failed| failed.to_string());
    assert_eq!(counts(), counts());
}

#[test]
fn every_flaw_is_found() {
    for flaw in Flaw::ALL {
        let found = (0..3_000).find_map(|seed| run(seed, Some(flaw)).err());
        let found = found.unwrap_or_else(|| panic!("{flaw:?} is not found"));
        println!("{flaw:?}: {found}");
    }
}
