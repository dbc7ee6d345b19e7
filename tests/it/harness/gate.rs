//! A line to a bank that holds back chosen questions until it is opened: a bank that hangs, and answers later or never.
//!
//! Whole connections are held from the moment such a question comes, so every question needs one of its own.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};

use anyhow::Result;

/// A gate in front of a bank.
#[derive(Clone)]
pub struct Gate {
    /// Where the host finds the bank.
    pub url: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

#[derive(Default)]
struct State {
    /// A part of the questions that are held; none is.
    held: Option<&'static str>,
    /// How many came.
    came: usize,
}

impl Gate {
    /// An open one.
    pub fn before(bank_url: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let gate = Self {
            url: format!("http://{}", listener.local_addr()?),
            state: Arc::default(),
        };
        let bank = bank_url.trim_start_matches("http://").to_owned();
        let this = gate.clone();
        std::thread::spawn(move || {
            for host in listener.incoming().flatten() {
                let Ok(bank) = TcpStream::connect(&bank) else {
                    continue;
                };
                let (Ok(back), Ok(forth)) = (host.try_clone(), bank.try_clone()) else {
                    continue;
                };
                let this = this.clone();
                std::thread::spawn(move || carry(host, forth, |question| this.pass(question)));
                std::thread::spawn(move || carry(bank, back, |_| ()));
            }
        });
        Ok(gate)
    }

    /// From now on questions with this in their first line wait.
    pub fn hold(&self, part: &'static str) {
        let mut state = self.state.0.lock().expect("nobody panics here");
        *state = State {
            held: Some(part),
            came: 0,
        };
    }

    /// Lets all through.
    pub fn open(&self) {
        self.state.0.lock().expect("nobody panics here").held = None;
        self.state.1.notify_all();
    }

    /// How many questions have been held back.
    pub fn came(&self) -> usize {
        self.state.0.lock().expect("nobody panics here").came
    }

    fn pass(&self, question: &str) {
        let (lock, opened) = &*self.state;
        let mut state = lock.lock().expect("nobody panics here");
        let line = question.lines().next().unwrap_or_default();
        if state.held.is_some_and(|part| line.contains(part)) {
            state.came += 1;
            drop(opened.wait_while(state, |state| {
                state.held.is_some_and(|part| line.contains(part))
            }));
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(&str)) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        pass(&String::from_utf8_lossy(&bytes[..count]));
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
