//! Files of random content, or good ones with random bytes in them: none counts, each is told of, and the host takes calls all the time.
//!
//! From a seed, which is printed.

use anyhow::{Context as _, Result};

use super::bench::{Rules, active, candidate, put};
use crate::events::Random;
use crate::harness::until;

const FILES: usize = 60;

fn byte(random: &mut Random) -> u8 {
    u8::try_from(random.below(256)).unwrap_or_default()
}

/// Bytes that were a good file: some of them others, some missing, some doubled; or never were one.
fn spoilt(random: &mut Random, good: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let (at, length) = (random.below(bytes.len()), 1 + random.below(64));
    let end = (at + length).min(bytes.len());
    match random.below(4) {
        0 => bytes[at..end].fill_with(|| byte(random)),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.extend_from_within(at..end),
        _ => bytes = (0..length * 100).map(|_| byte(random)).collect(),
    }
    bytes
}

#[tokio::test]
async fn whatever_bytes_a_file_holds_the_host_says_what_it_makes_of_them_and_goes_on() -> Result<()>
{
    let seed = 0x5eed_0000_0000_0018;
    let mut random = Random(seed);
    let rules = Rules::new()?;
    let host = rules.setup.start().await?;
    let id = host.id();
    let (text, file) = (rules.text()?, rules.component("transfer-limits"));
    let bytes = std::fs::read(&file)?;
    let whole = candidate(&host).await?["digest"].clone();
    assert!(whole.is_string(), "{whole}");
    let (mut refused, mut taken) = (0, 0);
    for number in 0..FILES {
        let good = active(&host).await?;
        let (target, original) = if number % 2 == 0 {
            (&file, bytes.as_slice())
        } else {
            (&rules.manifest(), text.as_bytes())
        };
        let spoilt = spoilt(&mut random, original);
        put(target, &spoilt)?;
        let held = until("a verdict", async || {
            let held = candidate(&host).await?;
            Ok((held["digest"] != whole).then_some(held))
        });
        let held = held.await.with_context(|| {
            let kept = rules.setup.keep_folder();
            format!(
                "seed {seed:#x}, file {number}, kept in {}\n{}",
                kept.display(),
                host.log()
            )
        })?;
        if held["verdict"] == "failed" {
            refused += 1;
            assert!(
                held["reason"].as_str().is_some_and(|it| it.len() > 20),
                "{held}"
            );
            assert_eq!(active(&host).await?, good, "{held}");
        } else {
            // A comment, a custom section: what was changed means nothing, or something that the rules allow.
            taken += 1;
        }
        put(&file, &bytes)?;
        rules.write(&text)?;
        until("the good files again", async || {
            Ok((candidate(&host).await?["digest"] == whole).then_some(()))
        })
        .await?;
    }
    println!(
        "seed {seed:#x}: {FILES} files, {refused} refused by name, {taken} taken for good ones"
    );
    assert_eq!(super::new_call(&host).await?, super::PAID);
    assert_eq!(host.id(), id);
    Ok(())
}
