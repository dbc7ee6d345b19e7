//! A line to a bank over which every question goes, and every answer but those to chosen questions: a bank that does it and is not
//! heard, or is misheard.
//!
//! Mended, it lets everything through as it is.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Result;

/// What becomes of an answer; none: the line is cut.
pub type Mishearing = fn(&[u8]) -> Option<Vec<u8>>;

/// A line that is cut when certain answers come, or changes them.
#[derive(Clone)]
pub struct Cut {
    /// Where the host finds the bank.
    pub url: String,
    state: Arc<State>,
}

struct State {
    part: &'static str,
    is_mended: AtomicBool,
    asked: AtomicUsize,
}

impl Cut {
    /// A line to `bank_url` that is cut when the answer to a question with this in its first line comes.
    pub fn of_answers(bank_url: &str, part: &'static str) -> Result<Self> {
        Self::misheard(bank_url, part, |_| None)
    }

    /// A line on which the answers to such questions are heard otherwise.
    pub fn misheard(bank_url: &str, part: &'static str, heard: Mishearing) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let state = Arc::new(State {
            part,
            is_mended: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
        });
        let line = Self {
            url: format!("http://{}", listener.local_addr()?),
            state: Arc::clone(&state),
        };
        let bank = bank_url.trim_start_matches("http://").to_owned();
        std::thread::spawn(move || {
            for caller in listener.incoming().flatten() {
                let Ok(bank) = TcpStream::connect(&bank) else {
                    continue;
                };
                let (Ok(back), Ok(forth)) = (caller.try_clone(), bank.try_clone()) else {
                    continue;
                };
                let is_meant = Arc::new(AtomicBool::new(false));
                let (asks, meant) = (Arc::clone(&state), Arc::clone(&is_meant));
                let answers = Arc::clone(&state);
                std::thread::spawn(move || {
                    carry(caller, forth, |bytes| {
                        asks.note(bytes, &meant);
                        Some(bytes.to_vec())
                    });
                });
                std::thread::spawn(move || {
                    carry(bank, back, |bytes| {
                        let is_mended = answers.is_mended.load(Ordering::SeqCst);
                        if is_meant.load(Ordering::SeqCst) && !is_mended {
                            heard(bytes)
                        } else {
                            Some(bytes.to_vec())
                        }
                    });
                });
            }
        });
        Ok(line)
    }

    /// Lets everything through from now on.
    pub fn mend(&self) {
        self.state.is_mended.store(true, Ordering::SeqCst);
    }

    /// How often such a question went to the bank.
    pub fn asked(&self) -> usize {
        self.state.asked.load(Ordering::SeqCst)
    }
}

impl State {
    fn note(&self, bytes: &[u8], is_chosen: &AtomicBool) {
        let head = String::from_utf8_lossy(bytes);
        let is_meant = head
            .lines()
            .next()
            .is_some_and(|line| line.contains(self.part));
        if is_meant {
            self.asked.fetch_add(1, Ordering::SeqCst);
            is_chosen.fetch_or(!self.is_mended.load(Ordering::SeqCst), Ordering::SeqCst);
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mut heard: impl FnMut(&[u8]) -> Option<Vec<u8>>) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        let Some(goes_on) = heard(&bytes[..count]) else {
            break;
        };
        if to.write_all(&goes_on).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
