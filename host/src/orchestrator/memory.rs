//! What the host has answered in one turn: so that the same read goes to the bank once, every answer is recorded, and an action's
//! claims can be checked.
//!
//! Lives as long as the turn.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::call::Failure;
use crate::call::record::HostCall;

/// One turn's memory of host calls.
#[derive(Debug, Default)]
pub(super) struct Memory {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    answers: HashMap<String, Value>,
    fresh: Vec<HostCall>,
    waited: Duration,
}

impl Memory {
    /// Answers a read from memory, or asks and remembers.
    pub(super) async fn read<T: Serialize + DeserializeOwned>(
        &self,
        function: &str,
        arguments: Value,
        ask: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if let Some(answer) = self.remembered(function, &arguments) {
            self.record_remembered(function, arguments, &answer);
            return answer;
        }
        let began = Moment::now();
        let asked = async {
            let answer = ask.await;
            (answer, began.elapsed())
        };
        self.write(function, arguments, asked).await
    }

    /// Asks always, and records; what is asked says itself how long it waited for the bank.
    pub(super) async fn write<T: Serialize>(
        &self,
        function: &str,
        arguments: Value,
        ask: impl Future<Output = (Result<T, Failure>, Duration)>,
    ) -> Result<T, Failure> {
        let (answer, waited) = ask.await;
        let mut inner = self.lock();
        inner.waited += waited;
        inner
            .answers
            .insert(key(function, &arguments), json!(answer));
        inner.fresh.push(HostCall {
            function: function.to_owned(),
            arguments,
            answer: json!(answer),
            micros: u64::try_from(waited.as_micros()).unwrap_or(u64::MAX),
            from_memory: false,
        });
        answer
    }

    /// Once for each stage: what it asked twice has the same answer.
    fn record_remembered(&self, function: &str, arguments: Value, answer: &impl Serialize) {
        let mut inner = self.lock();
        let is_same = |call: &HostCall| call.function == function && call.arguments == arguments;
        if !inner.fresh.iter().any(is_same) {
            inner.fresh.push(HostCall {
                function: function.to_owned(),
                arguments,
                answer: json!(answer),
                micros: 0,
                from_memory: true,
            });
        }
    }

    /// An earlier answer of this turn.
    pub(super) fn remembered<T: DeserializeOwned>(
        &self,
        function: &str,
        arguments: &Value,
    ) -> Option<Result<T, Failure>> {
        let answer = self
            .lock()
            .answers
            .get(&key(function, arguments))
            .cloned()?;
        serde_json::from_value(answer).ok()
    }

    /// Whether this very value was answered in this turn.
    pub(super) fn has_answered(&self, value: &impl Serialize) -> bool {
        let claimed = json!({ "Ok": value });
        self.lock()
            .answers
            .values()
            .any(|answer| *answer == claimed)
    }

    /// The host calls since the last time.
    pub(super) fn take(&self) -> Vec<HostCall> {
        std::mem::take(&mut self.lock().fresh)
    }

    /// Time spent waiting for answers.
    pub(super) fn waited(&self) -> Duration {
        self.lock().waited
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(function: &str, arguments: &Value) -> String {
    format!("{function} {arguments}")
}
