//! A line to a bank that holds back chosen questions, or the answers to them, until it is opened: a bank that hangs.
//!
//! A connection is held as a whole; the host opens another one for its next question.

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
    /// A part of the first line of the questions that are held, and which way.
    held: Option<(&'static str, Way)>,
    /// How many were held.
    came: usize,
    questions: String,
}

/// Which way something goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Question,
    Answer,
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
                let (asks, answers) = (this.clone(), this.clone());
                let asked = Arc::new(Mutex::new(String::new()));
                let question = Arc::clone(&asked);
                std::thread::spawn(move || {
                    carry(host, forth, |bytes| {
                        let text = String::from_utf8_lossy(bytes);
                        asks.note(&text);
                        let line = text.lines().next().unwrap_or_default().to_owned();
                        question
                            .lock()
                            .expect("nobody panics here")
                            .clone_from(&line);
                        asks.pass(&line, Way::Question);
                    });
                });
                std::thread::spawn(move || {
                    carry(bank, back, |_| {
                        let line = asked.lock().expect("nobody panics here").clone();
                        answers.pass(&line, Way::Answer);
                    });
                });
            }
        });
        Ok(gate)
    }

    /// From now on questions with this in their first line wait before they reach the bank.
    pub fn hold(&self, part: &'static str) {
        self.set(part, Way::Question);
    }

    /// From now on the bank's answers to such questions wait.
    pub fn hold_answers(&self, part: &'static str) {
        self.set(part, Way::Answer);
    }

    /// Every question so far, as the host sent it.
    pub fn questions(&self) -> String {
        self.state
            .0
            .lock()
            .expect("nobody panics here")
            .questions
            .clone()
    }

    fn note(&self, question: &str) {
        self.state.0.lock().expect("nobody panics here").questions += question;
    }

    fn set(&self, part: &'static str, way: Way) {
        let mut state = self.state.0.lock().expect("nobody panics here");
        state.held = Some((part, way));
        state.came = 0;
    }

    /// Lets all through.
    pub fn open(&self) {
        self.state.0.lock().expect("nobody panics here").held = None;
        self.state.1.notify_all();
    }

    /// How many questions or answers have been held back.
    pub fn came(&self) -> usize {
        self.state.0.lock().expect("nobody panics here").came
    }

    fn pass(&self, line: &str, way: Way) {
        let (lock, opened) = &*self.state;
        let mut state = lock.lock().expect("nobody panics here");
        let is_held = |state: &State| {
            state
                .held
                .is_some_and(|(part, held)| held == way && line.contains(part))
        };
        if is_held(&state) {
            state.came += 1;
            drop(opened.wait_while(state, |state| is_held(state)));
        }
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, pass: impl Fn(&[u8])) {
    let mut bytes = [0; 64 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        pass(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
    let _ = from.shutdown(Shutdown::Both);
}
